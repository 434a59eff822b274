// The newest of the chat's lines: how far they go, and which of them are new. Apart from the lists,
// because the page needs this before a call runs and the lists in one alone.

import type { ChatLines } from "./chat-lines";
import type { ChatLine } from "./view";

/** The number of the newest event among the lines; 0 without any. */
export function newestOf(lines: ChatLines): number {
	for (let index = lines.length - 1; index >= 0; index -= 1) {
		const seq = lines.at(index)?.seq ?? null;
		if (seq !== null) return seq;
	}
	return 0;
}

/** The lines whose events have a number above `seq`, newest first; it looks at no others. */
export function linesAfter(lines: ChatLines, seq: number): ChatLine[] {
	const found: ChatLine[] = [];
	for (let index = lines.length - 1; index >= 0; index -= 1) {
		const line = lines.at(index);
		if (line === undefined || line.seq === null) continue;
		if (line.seq <= seq) break;
		found.push(line);
	}
	return found;
}
