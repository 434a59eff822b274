import { t } from "../i18n";
import type { Call } from "../link/call";

/** Screen readers announce the words, but not the number beside them, which changes too often. */
export function Busy({ words, progress }: { words: string | null; progress: number | null }) {
	return (
		<p class={words === null ? undefined : "pill busy"}>
			{words !== null && <i aria-hidden="true" />}
			<span role="status">{words}</span>
			{words !== null && progress !== null && <span aria-hidden="true">{`${Math.round(progress * 100)}\u00a0%`}</span>}
		</p>
	);
}

/** Shown over live video while a picture is still being sent to the chat. */
export function StillSending({ call }: { call: Call }) {
	const sends = call.shared.sending.value !== null && call.shared.board.value === null;
	return <Busy words={sends ? t("send_uploading") : null} progress={null} />;
}
