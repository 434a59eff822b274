import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { Button } from "../../ui/buttons";
import { toast } from "../../ui/toasts";
import { chimeFor } from "../arrival/signs";
import { w } from "../words";
import { speaker } from "./speaker";

/** Plays a sound where the customer would be heard. */
export function SpeakerTest() {
	const playing = useSignal(false);
	const test = async (): Promise<void> => {
		if (playing.peek()) return;
		playing.value = true;
		if (!(await playOn(speaker.peek()))) toast(t("device_failed"));
		playing.value = false;
	};
	return (
		<Button busy={playing.value} onClick={() => void test()}>
			{w("speaker_test")}
		</Button>
	);
}

/** Resolves when it was played; false where the speaker plays nothing. */
async function playOn(id: string | null): Promise<boolean> {
	const context = new AudioContext();
	const element = new Audio();
	try {
		const way = new MediaStreamAudioDestinationNode(context);
		element.srcObject = way.stream;
		if (id !== null) await element.setSinkId(id);
		await element.play();
		await chimeFor(context, way);
		return true;
	} catch {
		return false;
	} finally {
		element.srcObject = null;
		void context.close();
	}
}
