// Cleans typed text as the server does (`wire/src/text.rs`): whole characters in their composed
// form, trimmed, without control characters; cut between what people see as characters.

import { CHAT_TEXT_MAX, DISPLAY_NAME_MAX, LABEL_TEXT_MAX } from "../../wire/generated";

export const displayName = (text: string): string => seen(text, DISPLAY_NAME_MAX);

/** Cleans a text on a picture. */
export const labelText = (text: string): string => seen(text, LABEL_TEXT_MAX);

/** Cleans a chat line; keeps line breaks and tabs. */
export const chatText = (text: string): string => clean(text, CHAT_TEXT_MAX, /[^\P{Cc}\n\t\r]/gu);

/** Splits text into what people see as characters (UAX #29). */
export function graphemes(text: string): string[] {
	// Firefox has it since version 125.
	if (Intl.Segmenter === undefined) return [...text];
	return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

/**
 * Composes letters and their marks, and drops halves of surrogate pairs, which a cut emoji leaves
 * and no server reads.
 */
export function composed(text: string): string {
	return text.replace(/\p{Cs}/gu, "").normalize("NFC");
}

function seen(text: string, units: number): string {
	return clean(composed(text.replace(UNSEEN, "")).replace(STACKED, "$1"), units, /\p{Cc}/gu);
}

function clean(text: string, units: number, not: RegExp): string {
	const whole = composed(text).replace(not, " ").trim();
	if (whole.length <= units) return whole;
	let cut = "";
	for (const part of graphemes(whole)) {
		if (cut.length + part.length > units) break;
		cut += part;
	}
	return cut.trim();
}

/** Marks over marks would paint over the lines around a name. Five are the most that words need. */
const STACKED = /(\p{M}{5})\p{M}+/gu;
/** Direction controls and characters without width: the server removes them from names. */
const UNSEEN = /[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;
