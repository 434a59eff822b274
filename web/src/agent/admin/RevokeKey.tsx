import type { ApiFailure } from "../../ui/refusals";
import { toast } from "../../ui/toasts";
import type { ApiKeyLine } from "../../wire/generated";
import { AskDialog } from "./AskDialog";
import { revokeKey } from "./keys-api";
import { a } from "./words";

interface RevokeProps {
	of: ApiKeyLine;
	onClose: () => void;
	onRevoked: () => void;
}

/** Asks first: programs that use the key stop working. */
export function RevokeDialog({ of: { id, name }, onClose, onRevoked }: RevokeProps) {
	const revoke = async (): Promise<ApiFailure | null> => {
		const answer = await revokeKey(id);
		// Somebody else may have revoked it meanwhile.
		if (!answer.ok && answer.error.error !== "not_found") return answer.error;
		toast(a("revoked"));
		onRevoked();
		return null;
	};
	return (
		<AskDialog
			title={a("revoke_ask", { name })}
			more={a("revoke_more")}
			yes={a("revoke_yes")}
			danger
			onClose={onClose}
			onYes={revoke}
		/>
	);
}
