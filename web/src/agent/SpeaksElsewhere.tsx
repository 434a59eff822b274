import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { MicrophoneIcon } from "../ui/icons";
import { switchMicrophone } from "./console";
import { speaksElsewhere } from "./tabs";
import { w } from "./words";

/** Says that the microphone went off because the agent speaks in another call. */
export function SpeaksElsewhere({ call }: { call: Call }) {
	const shown = speaksElsewhere.value === call.session && !call.media.value.microphone;
	// Screen readers announce a status only if it exists before its text.
	return (
		<div class={shown ? "banner moved" : "moved"}>
			<p role="status">{shown && w("microphone_elsewhere")}</p>
			{shown && (
				<Button icon={MicrophoneIcon} onClick={() => void switchMicrophone(call, true)}>
					{w("speak_here")}
				</Button>
			)}
		</div>
	);
}
