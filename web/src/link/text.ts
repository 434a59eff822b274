// What a person typed, as the server will take it: trimmed, without control characters, cut between characters.

import { CHAT_TEXT_MAX, DISPLAY_NAME_MAX } from "../wire/generated";

export function displayName(text: string): string {
	const name = clean(text, DISPLAY_NAME_MAX, /\p{Cc}/gu);
	return UNSEEN.test(name) ? "" : name;
}

/** Keeps line breaks and tabs. */
export const chatText = (text: string): string => clean(text, CHAT_TEXT_MAX, /[^\P{Cc}\n\t\r]/gu);

function clean(text: string, units: number, not: RegExp): string {
	const cut = text.replace(not, " ").trim().slice(0, units);
	return (/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut).trim();
}

/** Nothing but what the server drops from a name (`wire/src/text.rs`), and so no name for it. */
const UNSEEN = /^[\s\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]*$/u;
