// What a person typed, as the server will take it: trimmed, without control characters, cut between characters.

import { CHAT_TEXT_MAX, DISPLAY_NAME_MAX } from "../wire/generated";

export const displayName = (text: string): string => clean(text, DISPLAY_NAME_MAX, /\p{Cc}/gu);

/** Keeps line breaks and tabs. */
export const chatText = (text: string): string => clean(text, CHAT_TEXT_MAX, /[^\P{Cc}\n\t\r]/gu);

function clean(text: string, units: number, not: RegExp): string {
	const cut = text.replace(not, " ").trim().slice(0, units);
	return (/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut).trim();
}
