import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { browser, properBrowser } from "./browser";
import { Joining } from "./Joining";
import { Message } from "./Message";
import { devices, join, joining, retryCamera } from "./page";
import { Steps } from "./Steps";

/** Why the camera failed, the steps that help in this browser, and buttons to go on. */
export function Trouble() {
	const trouble = devices.cameraTrouble.value ?? "denied";
	const agent = navigator.userAgent;
	const steps =
		trouble === "denied"
			? (`denied_${browser(agent, navigator.maxTouchPoints)}` as const)
			: (`${trouble}_steps` as const);
	const asking = devices.asking.value !== null && trouble !== "no_answer";
	return (
		<Message title={t(`trouble_${trouble}`)} text="" trouble>
			<Steps of={steps} values={{ browser: properBrowser(agent, navigator.maxTouchPoints) }} />
			<div class="stack">
				<Button kind="primary" large busy={asking} onClick={() => void retryCamera()}>
					{t("try_again")}
				</Button>
				<Button large busy={joining.value} onClick={() => void join()}>
					{t("join_without_camera")}
				</Button>
				<p class="hint">{t("join_without_camera_more")}</p>
			</div>
			<div class="asked" role="status">
				{asking && <p class="hint strong">{t("ask_camera")}</p>}
				<Joining />
			</div>
		</Message>
	);
}
