import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { composed } from "../../link/server/text";
import { Button } from "../../ui/buttons";
import { Dialog } from "../../ui/dialog";
import { failureWords } from "../../ui/refusals";
import { DISPLAY_NAME_MAX, type MadeWebhook, WEBHOOK_URL_MAX } from "../../wire/generated";
import { signedOut } from "../console";
import { Field } from "../Field";
import { SecretDialog } from "./SecretDialog";
import { h } from "./webhook-words";
import { makeWebhook } from "./webhooks-api";

/** Asks whom a new webhook tells, and where. */
export function AddDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: MadeWebhook) => void }) {
	const name = useSignal("");
	const url = useSignal("");
	const tried = useSignal(false);
	const refused = useSignal(false);
	const busy = useSignal(false);
	const failed = useSignal<string | null>(null);
	const named = composed(name.value).trim();
	const add = async (): Promise<void> => {
		tried.value = true;
		if (busy.peek() || named === "" || url.peek().trim() === "") return;
		busy.value = true;
		const answer = await makeWebhook({ name: named, url: url.peek().trim() });
		busy.value = false;
		if (answer.ok) onMade(answer.value);
		else if (answer.error.error === "malformed") refused.value = true;
		else if (!signedOut(answer.error)) failed.value = failureWords(answer.error);
	};
	const wrong = refused.value || (tried.value && url.value.trim() === "");
	return (
		<Dialog title={h("add")} busy={busy.value} onClose={onClose}>
			<form
				class="stack"
				onSubmit={(event) => {
					event.preventDefault();
					void add();
				}}
			>
				<Field
					label={h("name")}
					hint={h("name_hint")}
					error={tried.value && named === "" ? h("name_missing") : undefined}
				>
					{(given) => (
						<input
							{...given}
							autocomplete="off"
							dir="auto"
							readOnly={busy.value}
							maxLength={DISPLAY_NAME_MAX}
							value={name.value}
							onInput={(event) => (name.value = event.currentTarget.value)}
						/>
					)}
				</Field>
				<Field label={h("url")} hint={h("url_hint")} error={wrong ? h("url_wrong") : undefined}>
					{(given) => (
						<input
							{...given}
							type="text"
							inputMode="url"
							autocomplete="off"
							dir="ltr"
							// An answer is to be about what stands here.
							readOnly={busy.value}
							maxLength={WEBHOOK_URL_MAX}
							value={url.value}
							onInput={(event) => {
								url.value = event.currentTarget.value;
								refused.value = false;
							}}
						/>
					)}
				</Field>
				{failed.value !== null && <p role="alert">{failed.value}</p>}
				<div class="actions">
					<Button disabled={busy.value} onClick={onClose}>
						{t("cancel")}
					</Button>
					<Button kind="primary" submit busy={busy.value}>
						{h("add")}
					</Button>
				</div>
			</form>
		</Dialog>
	);
}

/** Shows the secret of a webhook, once. */
export function WebhookSecretDialog({ made, onClose }: { made: MadeWebhook; onClose: () => void }) {
	const words = {
		once: h("secret_once"),
		copy: h("secret_copy"),
		copied: h("secret_copied"),
		byHand: h("copy_by_hand"),
	};
	const title = h("secret_of", { name: made.webhook.name });
	return <SecretDialog title={title} secret={made.secret} words={words} onClose={onClose} />;
}
