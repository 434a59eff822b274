import "../ui/dialog.css";
import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { Dialog } from "../ui/dialog";
import { browser, properBrowser } from "./browser";
import { CopyLink } from "./CopyLink";
import { insideApp, maybeInside } from "./page";
import { Steps } from "./Steps";
import type { Device, Switches } from "./switches";

/**
 * The steps that unblock a device in this browser, and a button to try again. A browser inside
 * another app has no such settings: the way out is another browser, where the call moves to.
 */
export function Blocked({ device, switches }: { device: Device; switches: Switches }) {
	const close = (): void => {
		switches.stuck.value = null;
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
				<Button kind="primary" onClick={() => void switches.turn(device, true)}>
					{t("try_again")}
				</Button>
			</div>
		</Dialog>
	);
}
