import "../../i18n/en-call";
import "./chat.css";
import type { ComponentType } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import { isComposing } from "../enter";
import { CloseIcon } from "../icons";
import { Composer } from "./Composer";
import { followKeyboard } from "./keyboard";
import { Lines } from "./Lines";

export interface ChatProps {
	call: Call;
	/** The other person. */
	name: string;
	onClose: () => void;
	/** Shown above the field; what it writes stands in the field. */
	ready?: ComponentType<{ write: (line: string) => void }>;
}

/** The chat: over the dimmed call on a phone, beside the call on a wide screen. */
export function ChatPanel({ call, name, onClose, ready }: ChatProps) {
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
				<Composer call={call} {...(ready ? { ready } : {})} />
			</section>
		</div>
	);
}
