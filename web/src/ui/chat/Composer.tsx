import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import { composed } from "../../link/server/text";
import { CHAT_TEXT_MAX } from "../../wire/generated";
import { hasKeyboard, isSending } from "../enter";
import { SendIcon } from "../call-icons";
import { tab } from "../remember";
import type { ChatProps } from "./Panel";

/** The message field and its button. Enter sends on a real keyboard; on a phone it adds a line. */
export function Composer({ call, ready: Ready }: Pick<ChatProps, "call" | "ready">) {
	const text = useSignal(drafts.get(call.session) ?? tab.recall(draftKey(call)) ?? "");
	const field = useRef<HTMLTextAreaElement>(null);
	const typed_ms = useRef(Number.NEGATIVE_INFINITY);
	const left = CHAT_TEXT_MAX - composed(text.value).trim().length;

	useLayoutEffect(() => field.current?.focus({ preventScroll: true }), []);
	useLayoutEffect(() => {
		const element = field.current;
		if (element === null || GROWS) return;
		element.style.height = "auto";
		element.style.height = `${element.scrollHeight + 2}px`;
	}, [text.value]);

	const write = (value: string): void => {
		text.value = value;
		drafts.set(call.session, value);
		if (value === "") tab.forget(draftKey(call));
		else tab.remember(draftKey(call), value);
		if (value !== "" && performance.now() - typed_ms.current > TYPING_EVERY_MS) {
			typed_ms.current = performance.now();
			call.typing();
		}
	};
	/** A browser lays the page out for it even where it has the focus. */
	const keepsFocus = (): void => {
		if (document.activeElement !== field.current) field.current?.focus({ preventScroll: true });
	};
	const send = (): void => {
		const line = text.value.trim();
		if (line === "" || left < 0) return;
		call.say(line);
		write("");
		typed_ms.current = Number.NEGATIVE_INFINITY;
		keepsFocus();
	};
	const writeOn = (line: string): void => {
		write([text.peek().trimEnd(), line].filter((part) => part !== "").join(" "));
		keepsFocus();
	};
	return (
		<form
			class="composer"
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			{Ready !== undefined && <Ready write={writeOn} />}
			<textarea
				ref={field}
				rows={1}
				aria-label={t("chat_message")}
				placeholder={t("chat_message")}
				maxLength={CHAT_TEXT_MAX}
				dir="auto"
				enterkeyhint={hasKeyboard() ? "send" : "enter"}
				value={text.value}
				onInput={(event) => write(event.currentTarget.value)}
				onKeyDown={(event) => {
					if (!isSending(event) || !hasKeyboard()) return;
					event.preventDefault();
					send();
				}}
			/>
			{left < 200 && <span class="left">{t("chat_left", { n: left })}</span>}
			<button type="submit" class="round send" aria-label={t("chat_send")} title={t("chat_send")}>
				<SendIcon />
			</button>
		</form>
	);
}

const draftKey = (call: Call): string => `draft.${call.session}`;

/** Unsent text survives closing the panel; with session storage also a reload. */
const drafts = new Map<string, string>();
/** The field grows with its text (`field-sizing`); elsewhere its height is measured. */
const GROWS = CSS.supports("field-sizing", "content");
const TYPING_EVERY_MS = 3_000;
