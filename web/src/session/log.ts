// Orders events, whatever the gateway does to them, and says when to ask the server for missing
// ones.

import type { Event } from "../wire/generated";

/**
 * The ordering buffer of one page. Times are milliseconds of any clock that never goes back.
 *
 * Invariant: every event up to `head` was handed out once and in order; waiting events lie beyond
 * a gap.
 */
export class OrderedLog {
	/** The newest event that was handed out. */
	head = 0;
	/** The newest event that the server is known to have. */
	known = 0;
	readonly #waiting = new Map<number, Event>();
	#behind_since: number | null = null;
	#asked: { after: number; at: number } | null = null;

	/** Takes events in any order, repeated or with gaps. Returns those that are next in order. */
	push(events: readonly Event[], now: number): Event[] {
		for (const event of events) {
			this.known = Math.max(this.known, event.seq);
			// Events too far ahead are dropped and requested again later: memory stays bounded.
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
	learn(head: number, now: number): void {
		this.known = Math.max(this.known, head);
		this.#measure(now);
	}

	/** A new connection: requests on the old one will not be answered. */
	restart(now: number): void {
		this.#asked = null;
		// No push is on its way on a new connection, so there is nothing to wait for.
		this.#behind_since = this.head < this.known ? now - GAP_MS : null;
	}

	/**
	 * Returns the event number for the next `resume` request, or null when none is due, and when to
	 * poll again.
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

	/** A batch ended with `more`: the next one is requested at once. */
	more(now: number): void {
		this.#asked = null;
		if (this.head < this.known) this.#behind_since = now - GAP_MS;
	}

	#measure(now: number): void {
		if (this.head >= this.known) this.#behind_since = null;
		else this.#behind_since ??= now;
	}
}

/** Most gaps are two pushes that crossed: waiting this long saves a request. */
const GAP_MS = 150;
const ASK_AGAIN_MS = 2_000;
const WAITING_MAX = 2_000;
