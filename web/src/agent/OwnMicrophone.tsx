import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { MicrophoneIcon } from "../ui/icons";
import { devices, mutedByHand, switchMicrophone } from "./console";
import { w } from "./words";

/** Offers to turn the microphone on, unless the agent switched it off themselves. */
export function OwnMicrophone({ call }: { call: Call }) {
	if (devices.microphone.value !== null || mutedByHand.value === call.session) return null;
	const trouble = devices.microphoneTrouble.value !== null;
	return (
		<div class="own-microphone">
			<p>{w(trouble ? "microphone_trouble" : "microphone_first")}</p>
			<Button
				icon={MicrophoneIcon}
				busy={devices.asking.value === "microphone"}
				onClick={() => void switchMicrophone(call, true)}
			>
				{trouble ? t("try_again") : w("allow_microphone")}
			</Button>
		</div>
	);
}
