import { Button } from "../../ui/buttons";
import { CopyIcon } from "../../ui/call-icons";
import { copyText } from "../../ui/copy";
import { Dialog } from "../../ui/dialog";
import { note } from "../../ui/toasts";
import { w } from "../words";

interface SecretProps {
	title: string;
	secret: string;
	words: {
		/** That it is shown this once. */
		once: string;
		copy: string;
		copied: string;
		/** Why it was not copied, and what to do. */
		byHand: string;
	};
	onClose: () => void;
}

/** Shows a secret that no later answer has. */
export function SecretDialog({ title, secret, words, onClose }: SecretProps) {
	const copy = async (): Promise<void> => {
		if (!(await copyText(secret, words.copied))) note(words.byHand);
	};
	return (
		<Dialog title={title} onClose={onClose}>
			<p>{words.once}</p>
			<input
				class="copy-field secret"
				dir="ltr"
				readOnly
				aria-label={title}
				value={secret}
				translate={false}
				onFocus={(event) => event.currentTarget.select()}
			/>
			<div class="actions">
				<Button icon={CopyIcon} onClick={() => void copy()}>
					{words.copy}
				</Button>
				<Button kind="primary" onClick={onClose}>
					{w("done")}
				</Button>
			</div>
		</Dialog>
	);
}
