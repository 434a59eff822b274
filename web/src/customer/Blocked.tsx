import "../ui/dialog.css";
import type { Signal } from "@preact/signals";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { Dialog } from "../ui/dialog";
import { browser, properBrowser } from "./browser";
import { CopyLink } from "./CopyLink";
import { insideApp, maybeInside } from "./page";
import { Steps } from "./Steps";
import { type Device, turn } from "./turn";

/**
 * The steps that unblock a device in this browser, and a button to try again. A browser inside
 * another app has no such settings: the way out is another browser, where the call moves to.
 */
export function Blocked({ call, device, stuck }: { call: Call; device: Device; stuck: Signal<Device | null> }) {
	const close = (): void => {
		stuck.value = null;
	};
	const { userAgent: agent, maxTouchPoints: points } = navigator;
	const inside = insideApp || maybeInside;
	return (
		<Dialog title={t(device === "camera" ? "trouble_denied" : "microphone_denied")} onClose={close}>
			{inside ? (
				<>
					<p>{device === "camera" ? t("in_app_more") : t("in_app", { browser: properBrowser(agent, points) })}</p>
					<CopyLink />
				</>
			) : (
				<Steps of={`denied_${browser(agent, points)}`} />
			)}
			<div class="actions">
				<Button onClick={close}>{t("close")}</Button>
				<Button kind="primary" onClick={() => void turn(call, device, true, stuck)}>
					{t("try_again")}
				</Button>
			</div>
		</Dialog>
	);
}
