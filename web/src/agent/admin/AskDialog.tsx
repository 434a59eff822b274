import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { Button } from "../../ui/buttons";
import { Dialog } from "../../ui/dialog";
import { type ApiFailure, failureWords } from "../../ui/refusals";
import { signedOut } from "../console";

interface AskProps {
	title: string;
	more: string;
	yes: string;
	danger: boolean;
	onClose: () => void;
	/** Returns why it failed. */
	onYes: () => Promise<ApiFailure | null>;
}

/** Asks before something that others notice. */
export function AskDialog({ title, more, yes, danger, onClose, onYes }: AskProps) {
	const busy = useSignal(false);
	const failed = useSignal<string | null>(null);
	const does = async (): Promise<void> => {
		if (busy.peek()) return;
		busy.value = true;
		const error = await onYes();
		busy.value = false;
		if (error !== null && !signedOut(error)) failed.value = failureWords(error);
	};
	return (
		<Dialog title={title} busy={busy.value} onClose={onClose}>
			<p>{more}</p>
			{failed.value !== null && <p role="alert">{failed.value}</p>}
			<div class="actions">
				<Button disabled={busy.value} onClick={onClose}>
					{t("cancel")}
				</Button>
				<Button kind={danger ? "danger" : "primary"} busy={busy.value} onClick={() => void does()}>
					{yes}
				</Button>
			</div>
		</Dialog>
	);
}
