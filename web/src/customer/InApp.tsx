import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { properBrowser } from "./browser";
import { CopyLink } from "./CopyLink";
import { Message } from "./Message";
import { stays } from "./page";

/** Most browsers inside other apps have no camera: says how to open the page elsewhere. */
export function InApp() {
	const values = { browser: properBrowser(navigator.userAgent, navigator.maxTouchPoints) };
	return (
		<Message title={t("in_app", values)} text={t("in_app_more")} trouble>
			<CopyLink />
			{navigator.mediaDevices !== undefined && (
				<div class="stack">
					<Button
						kind="plain"
						onClick={() => {
							stays.value = true;
						}}
					>
						{t("in_app_stay")}
					</Button>
				</div>
			)}
		</Message>
	);
}
