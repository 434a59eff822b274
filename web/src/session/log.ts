// Puts events into order whatever the gateway does to them, and says when the server must be asked
// for what is missing.

import type { Event } from "../wire/generated";

/**
 * The ordering buffer of one page. Time comes in as milliseconds of any clock that never goes back.
 *
 * Invariant: everything up to `head` was handed out once and in order; what waits lies beyond a
 * gap.
 */
export class Log {
	/** Newest event handed out. */
	head = 0;
	/** Newest event the server is known to have. */
	known = 0;
	readonly #waiting = new Map<number, Event>();
	#behind_since: number | null = null;
	#asked: { after: number; at: number } | null = null;

	/** Takes events in any order, repeated or with gaps, and gives those whose turn it is. */
	push(events: readonly Event[], now: number): Event[] {
		for (const event of events) {
			this.known = Math.max(this.known, event.seq);
			// What lies too far ahead will be asked for again: a page must not collect without
			// bound.
			if (event.seq > this.head && event.seq <= this.head + WAITING_MAX) this.#waiting.set(event.seq, event);
		}
		const ready: Event[] = [];
		for (let next = this.#waiting.get(this.head + 1); next !== undefined; next = this.#waiting.get(this.head + 1)) {
			this.#waiting.delete(next.seq);
			this.head = next.seq;
			ready.push(next);
		}
		if (ready.length > 0) {
			this.#asked = null;
			this.#behind_since = null;
		}
		this.#measure(now);
		return ready;
	}

	/** An answer or a pong named the server's head. */
	heard(head: number, now: number): void {
		this.known = Math.max(this.known, head);
		this.#measure(now);
	}

	/** The connection is a new one: what was asked on the old one is not answered. */
	restart(now: number): void {
		this.#asked = null;
		// Nothing is on its way on a new connection, so there is no reason to wait for it.
		this.#behind_since = this.head < this.known ? now - GAP_MS : null;
	}

	/**
	 * The number to ask `resume` after, or null while there is nothing to ask; and when to look
	 * again.
	 */
	poll(now: number): { after: number | null; again_at: number | null } {
		if (this.#behind_since === null) return { after: null, again_at: null };
		const due = Math.max(
			this.#behind_since + GAP_MS,
			this.#asked === null ? Number.NEGATIVE_INFINITY : this.#asked.at + ASK_AGAIN_MS,
		);
		if (now < due) return { after: null, again_at: due };
		this.#asked = { after: this.head, at: now };
		return { after: this.head, again_at: now + ASK_AGAIN_MS };
	}

	/** A batch ended with `more`: the next is asked for at once. */
	more(now: number): void {
		this.#asked = null;
		if (this.head < this.known) this.#behind_since = now - GAP_MS;
	}

	#measure(now: number): void {
		if (this.head >= this.known) this.#behind_since = null;
		else this.#behind_since ??= now;
	}
}

/** A gap is mostly two pushes that crossed: waiting this long saves a question. */
const GAP_MS = 150;
const ASK_AGAIN_MS = 2_000;
const WAITING_MAX = 2_000;
