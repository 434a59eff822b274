import { t } from "../i18n";
import type { Call } from "../link/call";

/** The words are read out once; the number beside them changes too often for that. */
export function Busy({ words, progress }: { words: string | null; progress: number | null }) {
	return (
		<p class={words === null ? undefined : "pill busy"}>
			{words !== null && <i aria-hidden="true" />}
			<span role="status">{words}</span>
			{words !== null && progress !== null && <span aria-hidden="true">{`${Math.round(progress * 100)}\u00a0%`}</span>}
		</p>
	);
}

/** On the live call: a picture that was open is still on its way to the chat. */
export function StillSending({ call }: { call: Call }) {
	const sends = call.shared.sending.value !== null && call.shared.board.value === null;
	return <Busy words={sends ? t("send_uploading") : null} progress={null} />;
}
