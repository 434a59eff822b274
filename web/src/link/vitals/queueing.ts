// Keeps the queue before a thin link short, so that sound is not late. Pure; times are milliseconds
// of any clock that never goes back.
//
// A browser's estimate looks at how delay changes, and sound is not part of it. A queue that grows
// by 20 ms a second stays below what it notices: 0.9 s were seen. Round trips show it. Video then
// goes down until the queue is gone, and stays a little below what had filled it.

export class Queueing {
	/** The shortest round trip of each ten seconds, newest first. */
	#least: { since: number; rtt_ms: number }[] = [];
	#rtt_ms: number | null = null;
	#was_late = false;
	/** What video sent of late, bit/s. */
	#rate_bps = 0;
	#drain: { since: number; bps: number } | null = null;
	/** What video may use once the queue is gone: until when, and the estimate of that time. */
	#cap: { bps: number; until: number; estimate_bps: number } | null = null;

	/**
	 * Takes the newest round trip, what video sends and what it may send by the estimate, a few
	 * times a second. Returns the bit/s that it is to use, null for any.
	 */
	look(now: number, rtt_ms: number | null, video_bps: number, estimate_bps: number | null): number | null {
		if (rtt_ms === null) return null;
		const waits = rtt_ms - this.#shortest(now, rtt_ms);
		// One late packet is no queue.
		const waited = this.#rtt_ms !== rtt_ms && waits >= LONG_MS && this.#was_late;
		if (this.#rtt_ms !== rtt_ms) this.#was_late = waits >= SHORT_MS;
		this.#rtt_ms = rtt_ms;
		if (this.#drain !== null) return this.#drains(now, waits, rtt_ms);
		this.#rate_bps += (video_bps - this.#rate_bps) / 4;
		if (waited) {
			// After a plunge little is sent for a moment, less than the link carries.
			const sent = Math.max(this.#rate_bps, LEAST * (estimate_bps ?? 0));
			const rate = Math.min(this.#cap?.bps ?? Number.POSITIVE_INFINITY, sent);
			const bps = Math.max(BPS_MIN, rate * BELOW);
			this.#cap = { bps, until: now + CAPPED_MS, estimate_bps: estimate_bps ?? bps };
			this.#drain = { since: now, bps: Math.max(BPS_MIN, rate * DRAINING) };
			return this.#drain.bps;
		}
		// What is not tried is not found: the link may have become wider meanwhile.
		const wider = (estimate_bps ?? 0) > (this.#cap?.estimate_bps ?? 0) * WIDER;
		if (this.#cap !== null && (wider || now > this.#cap.until)) this.#cap = null;
		return this.#cap?.bps ?? null;
	}

	/** Another connection serves, perhaps on another way. */
	restart(): void {
		this.#least = [];
		this.#rtt_ms = this.#drain = this.#cap = null;
		this.#was_late = false;
	}

	#drains(now: number, waits: number, rtt_ms: number): number | null {
		const drain = this.#drain;
		if (drain === null) return null;
		if (waits > SHORT_MS && now - drain.since < DRAIN_MS_MAX) return drain.bps;
		// What does not go away by sending less is the way's own.
		if (waits > SHORT_MS) {
			this.#least = [{ since: now, rtt_ms }];
			this.#cap = null;
		}
		this.#drain = null;
		return this.#cap?.bps ?? null;
	}

	/** The shortest round trip of the last minute: what the way takes without a queue. */
	#shortest(now: number, rtt_ms: number): number {
		const newest = this.#least[0];
		if (newest === undefined || now - newest.since >= BUCKET_MS) {
			this.#least = [{ since: now, rtt_ms }, ...this.#least].slice(0, BUCKETS);
		} else newest.rtt_ms = Math.min(newest.rtt_ms, rtt_ms);
		return Math.min(...this.#least.map((one) => one.rtt_ms));
	}
}

const BUCKET_MS = 10_000;
const BUCKETS = 6;
/** Sound that waits longer is late. */
const LONG_MS = 100;
/** As little as comes of a radio's pauses alone. */
const SHORT_MS = 45;
/** The share of the estimate that is taken for sent, where less was. */
const LEAST = 0.75;
/** Of a link of 300 kbit/s this leaves 100 to empty a queue: half a second of it takes 1.5 s. */
const DRAINING = 0.5;
const DRAIN_MS_MAX = 8_000;
const BELOW = 0.9;
const BPS_MIN = 40_000;
const CAPPED_MS = 10_000;
/** An estimate that grew by this much belongs to a wider link. */
const WIDER = 1.3;
