import "../../i18n/en-call";
import "./chat.css";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { ChatLine } from "../../session/view";
import { isComposing } from "../enter";
import { CloseIcon } from "../icons";
import { Composer } from "./Composer";
import { followKeyboard } from "./keyboard";
import { Line } from "./Line";

interface PanelProps {
	call: Call;
	/** The other person. */
	name: string;
	onClose: () => void;
}

/** The chat: over the dimmed call on a phone, beside the call on a wide screen. */
export function ChatPanel({ call, name, onClose }: PanelProps) {
	const panel = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => (panel.current === null ? undefined : followKeyboard(panel.current)), []);
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: Escape inside closes it.
		<div
			class="chat"
			ref={panel}
			onKeyDown={(event) => {
				if (event.key === "Escape" && !isComposing(event)) onClose();
			}}
		>
			{/* biome-ignore lint/a11y/noStaticElementInteractions: "Close chat" is the control for it. */}
			{/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same. */}
			<div class="dim" onClick={onClose} />
			<section class="sheet">
				<header>
					<h2>{t("chat")}</h2>
					<button type="button" class="bare" aria-label={t("chat_close")} title={t("chat_close")} onClick={onClose}>
						<CloseIcon />
					</button>
				</header>
				<Lines call={call} name={name} />
				<p class="typing" aria-live="polite">
					{call.otherTyping.value ? t("chat_typing", { name }) : ""}
				</p>
				<Composer call={call} />
			</section>
		</div>
	);
}

function Lines({ call, name }: { call: Call; name: string }) {
	const { lines } = call.view.value;
	const log = useRef<HTMLDivElement>(null);
	const atEnd = useRef(true);
	const ownLast = lines.at(lines.length - 1)?.seat === call.seat;
	useLayoutEffect(() => {
		const element = log.current;
		if (element !== null && (atEnd.current || ownLast)) element.scrollTop = element.scrollHeight;
	}, [lines.length]);
	return (
		<div
			class="lines"
			ref={log}
			role="log"
			aria-label={t("chat")}
			// biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it.
			tabIndex={0}
			onScroll={(event) => {
				const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
				atEnd.current = scrollHeight - scrollTop - clientHeight < 48;
			}}
		>
			{lines.length === 0 && <p class="empty">{t("chat_empty")}</p>}
			{[...lines].map((line, index) => (
				<Line key={keyOf(line, index)} call={call} line={line} name={name} />
			))}
		</div>
	);
}

/** An own line keeps its key when it turns from sending into sent. */
function keyOf({ n, seq }: ChatLine, index: number): string {
	if (n !== null) return `n${n}`;
	return seq === null ? `i${index}` : `s${seq}`;
}
