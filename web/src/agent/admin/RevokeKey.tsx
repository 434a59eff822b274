import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { Button } from "../../ui/buttons";
import { Dialog } from "../../ui/dialog";
import { failureWords } from "../../ui/refusals";
import { toast } from "../../ui/toasts";
import type { ApiKeyLine } from "../../wire/generated";
import { signedOut } from "../console";
import { revokeKey } from "./keys-api";
import { a } from "./words";

interface RevokeProps {
	of: ApiKeyLine;
	onClose: () => void;
	onRevoked: () => void;
}

/** Asks first: programs that use the key stop working. */
export function RevokeDialog({ of: { id, name }, onClose, onRevoked }: RevokeProps) {
	const busy = useSignal(false);
	const failed = useSignal<string | null>(null);
	const revoke = async (): Promise<void> => {
		if (busy.peek()) return;
		busy.value = true;
		const answer = await revokeKey(id);
		busy.value = false;
		// Somebody else may have revoked it meanwhile.
		if (answer.ok || answer.error.error === "not_found") {
			toast(a("revoked"));
			onRevoked();
		} else if (!signedOut(answer.error)) failed.value = failureWords(answer.error);
	};
	return (
		<Dialog title={a("revoke_ask", { name })} onClose={onClose}>
			<p>{a("revoke_more")}</p>
			{failed.value !== null && <p role="alert">{failed.value}</p>}
			<div class="actions">
				<Button onClick={onClose}>{t("cancel")}</Button>
				<Button kind="danger" busy={busy.value} onClick={() => void revoke()}>
					{a("revoke_yes")}
				</Button>
			</div>
		</Dialog>
	);
}
