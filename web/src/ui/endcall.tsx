import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "./buttons";
import { Dialog } from "./dialog";
import { refusalWords } from "./refusals";
import { toast } from "./toasts";

/** Asks once, then ends the call for both. */
export function EndDialog({ call, onClose }: { call: Call; onClose: () => void }) {
	const end = async (): Promise<void> => {
		onClose();
		const refusal = await call.end();
		if (refusal !== null) toast(refusalWords(refusal));
	};
	return (
		<Dialog title={t("end_ask")} onClose={onClose}>
			<p>{t("end_ask_more")}</p>
			<div class="actions">
				<Button onClick={onClose}>{t("cancel")}</Button>
				<Button kind="danger" onClick={() => void end()}>
					{t("end_for_both")}
				</Button>
			</div>
		</Dialog>
	);
}
