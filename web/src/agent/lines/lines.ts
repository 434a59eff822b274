// The lines in a text that a person wrote one below the other. Pure.

import { chatText, composed } from "../../link/server/text";
import { CHAT_TEXT_MAX, READY_LINES_MAX } from "../../wire/generated";

/** The lines of a text that can be sent, each once. */
export function linesOf(text: string): readonly string[] {
	return allLines(text.slice(0, WRITTEN_MAX)).slice(0, READY_LINES_MAX);
}

/** What keeps a text from being saved for everybody. */
export type WrongLines = { why: "many"; n: number } | { why: "long"; n: number };

/** The lines of a text, none left out; or why they are too many, or which of them is too long. */
export function wholeLines(text: string): readonly string[] | WrongLines {
	const long = text.split(BREAK).findIndex((line) => composed(line).trim().length > CHAT_TEXT_MAX);
	if (long !== -1) return { why: "long", n: long + 1 };
	const lines = allLines(text);
	return lines.length > READY_LINES_MAX ? { why: "many", n: lines.length } : lines;
}

export function isWrong(lines: readonly string[] | WrongLines): lines is WrongLines {
	return "why" in lines;
}

/** The lines of a first list, and those of a second one that the first lacks. */
export function together(first: readonly string[], second: readonly string[]): readonly string[] {
	return [...new Set([...first, ...second])];
}

function allLines(text: string): readonly string[] {
	const lines = text.split(BREAK).map(chatText);
	return [...new Set(lines)].filter((line) => line !== "");
}

/**
 * What ends a line (UAX #14: BK, CR, LF, NL). Word processors write some of these for a break in a
 * paragraph.
 */
const BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;

export const WRITTEN_MAX = 8_000;
