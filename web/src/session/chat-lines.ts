// Lists of chat lines. A view is a new value after each event, and a chat may have thousands of
// lines: so a longer list shares what it has in common with the one before.

import type { ChatLine } from "./view";

/** The lines of a chat, oldest first. */
export interface ChatLines extends Iterable<ChatLine> {
	readonly length: number;
	at(index: number): ChatLine | undefined;
}

/** The lines of the log, which only grow. Adding one costs the same however many there are. */
export class LoggedLines implements ChatLines {
	readonly length: number;
	/** Shared with longer lists: only the first `length` lines belong to this one. */
	readonly #all: ChatLine[];

	private constructor(all: ChatLine[], length: number) {
		this.#all = all;
		this.length = length;
	}

	static none(): LoggedLines {
		return new LoggedLines([], 0);
	}

	/** The same lines and one more; its event comes after theirs. */
	plus(line: ChatLine): LoggedLines {
		// Where another list continues already, and before the first line, this one takes a copy.
		const alone = this.length > 0 && this.#all.length === this.length;
		const all = alone ? this.#all : this.#all.slice(0, this.length);
		all.push(line);
		return new LoggedLines(all, this.length + 1);
	}

	at(index: number): ChatLine | undefined {
		return index < this.length ? this.#all[index] : undefined;
	}

	/** The place of the first line whose event has a number above `seq`. */
	firstAfter(seq: number): number {
		let [low, high] = [0, this.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.#all[middle]?.seq ?? 0) > seq) high = middle;
			else low = middle + 1;
		}
		return low;
	}

	[Symbol.iterator](): Iterator<ChatLine> {
		return each(this);
	}
}

/** Lines that stand before the logged line at `at`. */
export interface Inserted {
	at: number;
	line: ChatLine;
}

/** The lines of the log, with others between and after them. */
export class MergedLines implements ChatLines {
	readonly length: number;
	readonly #logged: LoggedLines;
	readonly #between: readonly Inserted[];
	readonly #last: readonly ChatLine[];
	readonly #shown: (line: ChatLine) => ChatLine;

	/** `between`: in the order of their places. `shown`: how a line of the log is shown. */
	constructor(
		logged: LoggedLines,
		between: readonly Inserted[],
		last: readonly ChatLine[],
		shown: (line: ChatLine) => ChatLine,
	) {
		this.#logged = logged;
		this.#between = between;
		this.#last = last;
		this.#shown = shown;
		this.length = logged.length + between.length + last.length;
	}

	at(index: number): ChatLine | undefined {
		let before = 0;
		for (const { at, line } of this.#between) {
			if (at + before === index) return line;
			if (at + before > index) break;
			before += 1;
		}
		const place = index - before;
		if (place >= this.#logged.length) return this.#last[place - this.#logged.length];
		const line = this.#logged.at(place);
		return line && this.#shown(line);
	}

	[Symbol.iterator](): Iterator<ChatLine> {
		return each(this);
	}
}

function* each(lines: ChatLines): Iterator<ChatLine> {
	for (let index = 0; index < lines.length; index += 1) {
		const line = lines.at(index);
		if (line !== undefined) yield line;
	}
}
