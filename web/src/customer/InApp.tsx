import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { CopyIcon } from "../ui/icons";
import { properBrowser } from "./browser";
import { Message } from "./Message";
import { linkToCopy, stays } from "./page";
import { Steps } from "./Steps";

/** Most browsers inside other apps have no camera: says how to open the page elsewhere. */
export function InApp() {
	const copied = useSignal(false);
	const values = { browser: properBrowser(navigator.userAgent, navigator.maxTouchPoints) };
	const link = linkToCopy();
	const copy = async (): Promise<void> => {
		if (link === null) return;
		try {
			await navigator.clipboard.writeText(link);
			copied.value = true;
		} catch {
			copied.value = false;
			document.querySelector<HTMLInputElement>("#link-to-copy")?.select();
		}
	};
	return (
		<Message title={t("in_app", values)} text={t("in_app_more")} trouble>
			{link === null ? (
				<p>{t("in_app_again", values)}</p>
			) : (
				<>
					<Steps of="in_app_steps" values={values} />
					<input id="link-to-copy" class="copy-field" readOnly value={link} aria-label={t("copy_link")} />
				</>
			)}
			<div class="stack">
				{link !== null && (
					<Button kind="primary" large icon={CopyIcon} onClick={() => void copy()}>
						{t("copy_link")}
					</Button>
				)}
				<p class="hint" role="status">
					{copied.value ? t("copied") : ""}
				</p>
				{navigator.mediaDevices !== undefined && (
					<Button
						kind="plain"
						onClick={() => {
							stays.value = true;
						}}
					>
						{t("in_app_stay")}
					</Button>
				)}
			</div>
		</Message>
	);
}
