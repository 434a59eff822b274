import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { CopyIcon } from "../ui/call-icons";
import { properBrowser } from "./browser";
import { linkToCopy } from "./page";
import { Steps } from "./Steps";

/** How to open the link in another browser, with a button that copies it. */
export function CopyLink() {
	const copied = useSignal(false);
	const values = { browser: properBrowser(navigator.userAgent, navigator.maxTouchPoints) };
	const link = linkToCopy();
	if (link === null) return <p>{t("in_app_again", values)}</p>;
	const copy = async (): Promise<void> => {
		try {
			await navigator.clipboard.writeText(link);
			copied.value = true;
		} catch {
			copied.value = false;
			document.querySelector<HTMLInputElement>("#link-to-copy")?.select();
		}
	};
	return (
		<>
			<Steps of="in_app_steps" values={values} />
			<input id="link-to-copy" class="copy-field" dir="ltr" readOnly value={link} aria-label={t("copy_link")} />
			<div class="stack">
				<Button kind="primary" large icon={CopyIcon} onClick={() => void copy()}>
					{t("copy_link")}
				</Button>
				<p class="hint" role="status">
					{copied.value ? t("copied") : ""}
				</p>
			</div>
		</>
	);
}
