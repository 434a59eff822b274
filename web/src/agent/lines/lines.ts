// The lines in a text that a person wrote one below the other. Pure.

import { chatText } from "../../link/server/text";

/** The lines of a text that can be sent, each once. */
export function linesOf(text: string): readonly string[] {
	const lines = text.slice(0, WRITTEN_MAX).split(/\r?\n/).map(chatText);
	return [...new Set(lines)].filter((line) => line !== "").slice(0, LINES_MAX);
}

export const WRITTEN_MAX = 8_000;
export const LINES_MAX = 30;
