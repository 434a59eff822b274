// Tells from what a page sees of the customer's seat when they have come. Pure; times are
// milliseconds of any clock that never goes back.

/** The customer's seat, as the call shows it. */
export interface Seen {
	/** The page knows the call as it is now. */
	ready: boolean;
	joined: boolean;
	/** Their page is closed, or lost its connection. */
	away: boolean;
}

export class Arrivals {
	/** Whether they were here at the last look; null before the first one. */
	#here: boolean | null = null;
	#gone_at = Number.NEGATIVE_INFINITY;

	/** Takes each change. Returns whether the customer has just come, or come back. */
	look({ ready, joined, away }: Seen, now: number): boolean {
		if (!ready) return false;
		const here = joined && !away;
		const before = this.#here;
		this.#here = here;
		if (before === true && !here) this.#gone_at = now;
		// Who was here before this page is no news, nor who lost the connection for a moment.
		return before === false && here && now - this.#gone_at >= GONE_MS;
	}
}

const GONE_MS = 15_000;
