import type { Signal } from "@preact/signals";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { Dialog } from "../ui/dialog";
import { browser } from "./browser";
import { Steps } from "./Steps";
import { type Device, turn } from "./turn";

/** The steps that unblock a device in this browser, and a button to try again. */
export function Blocked({ call, device, stuck }: { call: Call; device: Device; stuck: Signal<Device | null> }) {
	const close = (): void => {
		stuck.value = null;
	};
	return (
		<Dialog title={t(device === "camera" ? "trouble_denied" : "microphone_denied")} onClose={close}>
			<Steps of={`denied_${browser(navigator.userAgent, navigator.maxTouchPoints)}`} />
			<div class="actions">
				<Button onClick={close}>{t("close")}</Button>
				<Button kind="primary" onClick={() => void turn(call, device, true, stuck)}>
					{t("try_again")}
				</Button>
			</div>
		</Dialog>
	);
}
