// Cleans typed text as the server does (`wire/src/{text,seen}.rs`): whole characters in their
// composed form, trimmed, without control characters; cut between what people see as characters.

import { CHAT_TEXT_MAX, COMMENT_TEXT_MAX, DISPLAY_NAME_MAX, LABEL_TEXT_MAX } from "../../wire/generated";

export const displayName = (text: string): string => seen(text, DISPLAY_NAME_MAX);

/** Cleans a text on a picture. */
export const labelText = (text: string): string => seen(text, LABEL_TEXT_MAX);

/** Cleans a chat line; keeps line breaks and tabs. */
export const chatText = (text: string): string => clean(text, CHAT_TEXT_MAX, UNWRITTEN);

/** The same for what a person says about a call. */
export const commentText = (text: string): string => clean(text, COMMENT_TEXT_MAX, UNWRITTEN);

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

/**
 * Keeps what people see of a name. Returns "" where nothing shows. Joiners inside words and
 * variation selectors after a character stay, since spelling and emoji need them.
 */
function seen(text: string, units: number): string {
	let kept = composed(text);
	for (const unseen of UNSEEN) kept = kept.replace(unseen, "$1");
	kept = clean(kept, units, /[\p{Cc}\p{Zl}\p{Zp}]/gu);
	return SHOWS.test(kept) ? kept : "";
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

/** Control characters that no text of several lines has. */
const UNWRITTEN = /[^\P{Cc}\n\t\r]/gu;

/**
 * Characters without width, selectors and joiners without a character before them, and marks over
 * marks, which would paint over the lines around a name. Five are the most that words need.
 */
const UNSEEN = [
	/()(?!\p{Join_C}|\p{VS})[\p{DI}\uFFF9-\uFFFB]/gu,
	/(^|[\p{Z}\p{Cc}\p{M}\p{Join_C}])\p{VS}+/gu,
	/(^|[\p{Z}\p{Cc}\p{Join_C}])\p{Join_C}+/gu,
	/((\p{M}\p{Join_C}?){5})[\p{M}\p{Join_C}]+/gu,
];
/** The empty Braille pattern and the null notehead are symbols without ink. */
const SHOWS = /(?![\u2800\u{1D159}])[\p{L}\p{N}\p{S}\p{P}]/u;
