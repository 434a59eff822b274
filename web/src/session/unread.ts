// How many lines of a chat a person has not seen.

import type { Seat } from "../wire/generated";
import type { ChatLines } from "./chat-lines";
import { linesAfter, newestOf } from "./newest-lines";

/** Counts what the other person wrote and was not seen. It looks at each line once. */
export class Unread {
	readonly #seat: Seat;
	#seen = 0;
	#counted = 0;
	#unread = 0;

	/** `seat`: who reads. */
	constructor(seat: Seat) {
		this.#seat = seat;
	}

	/** `seen`: the newest event that was seen. */
	count(lines: ChatLines, seen: number): number {
		if (seen !== this.#seen) {
			this.#seen = seen;
			this.#counted = seen;
			this.#unread = 0;
		}
		this.#unread += linesAfter(lines, this.#counted).filter(({ seat }) => seat !== this.#seat).length;
		this.#counted = Math.max(this.#counted, newestOf(lines));
		return this.#unread;
	}
}
