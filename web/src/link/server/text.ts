// Cleans typed text as the server does: trimmed, without control characters, cut between
// characters.

import { CHAT_TEXT_MAX, DISPLAY_NAME_MAX, LABEL_TEXT_MAX } from "../../wire/generated";

export const displayName = (text: string): string => seen(text, DISPLAY_NAME_MAX);

/** Cleans a text on a picture. */
export const labelText = (text: string): string => seen(text, LABEL_TEXT_MAX);

/** Cleans a chat line; keeps line breaks and tabs. */
export const chatText = (text: string): string => clean(text, CHAT_TEXT_MAX, /[^\P{Cc}\n\t\r]/gu);

function seen(text: string, units: number): string {
	const one = clean(text, units, /\p{Cc}/gu);
	return UNSEEN.test(one) ? "" : one;
}

function clean(text: string, units: number, not: RegExp): string {
	const cut = text.replace(not, " ").trim().slice(0, units);
	return (/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut).trim();
}

/** Matches text of which the server keeps nothing (`wire/src/text.rs`). */
const UNSEEN = /^[\s\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]*$/u;
