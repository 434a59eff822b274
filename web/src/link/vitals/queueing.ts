// Keeps the queue before a thin link short, so that sound is not late. Pure; times are milliseconds
// of any clock that never goes back.
//
// A browser's estimate looks at how delay changes. A queue that grows by a little each second stays
// below what it notices: 1.1 s were seen. So video is held back once packets wait, and given more
// again, slowly, while they do not.

/** What is known at one moment. */
export interface Waiting {
	now: number;
	/** The newest round trip, milliseconds; null while that is not known. */
	rtt_ms: number | null;
	/** What video sends, bit/s. */
	video_bps: number;
	/** The estimate for sound and picture together, bit/s; null while that is not known. */
	bps: number | null;
	/** The picture has just changed its size: what waits is of the size before. */
	changed: boolean;
}

export class Queueing {
	/** The shortest round trip of each ten seconds, newest first. */
	#least: { since: number; rtt_ms: number }[] = [];
	/** The newest round trips. */
	#rtts: number[] = [];
	#rate_bps = 0;
	/** What video may use, and the estimate when it was held back. */
	#cap: { bps: number; estimate: number } | null = null;
	#again_at = Number.NEGATIVE_INFINITY;

	/** Takes what is known, a few times a second; returns the bit/s for video, null for any. */
	look({ now, rtt_ms, video_bps, bps, changed }: Waiting): number | null {
		if (rtt_ms === null || bps === null) return this.#cap?.bps ?? null;
		this.#rate_bps += (video_bps - this.#rate_bps) / 3;
		this.#rtts = [rtt_ms, ...this.#rtts].slice(0, RTTS);
		// One late packet is no queue.
		const waited = Math.min(...this.#rtts) - this.#shortest(now, rtt_ms);
		const cap = this.#cap;
		if (cap !== null && (bps > cap.estimate * WIDER || cap.bps > bps)) this.#cap = null;
		else if (waited >= LONG_MS && !changed) this.#hold(now, bps);
		else if (waited <= SHORT_MS && cap !== null) cap.bps *= MORE;
		return this.#cap?.bps ?? null;
	}

	/** Another connection serves, perhaps on another way. */
	restart(): void {
		this.#least = [];
		this.#rtts = [];
		this.#cap = null;
	}

	#hold(now: number, estimate: number): void {
		if (now < this.#again_at) return;
		const before = Math.min(this.#cap?.bps ?? Number.POSITIVE_INFINITY, this.#rate_bps);
		const bps = Math.max(BPS_MIN, PART * before, LEAST_PART * (estimate - SOUND_BPS));
		this.#cap = { bps, estimate };
		this.#again_at = now + AGAIN_MS;
	}

	/** The shortest round trip of the last minute: what the way takes without a queue. */
	#shortest(now: number, rtt_ms: number): number {
		const newest = this.#least[0];
		if (newest === undefined || now - newest.since >= TEN_S) {
			this.#least = [{ since: now, rtt_ms }, ...this.#least].slice(0, 6);
		} else newest.rtt_ms = Math.min(newest.rtt_ms, rtt_ms);
		return Math.min(...this.#least.map((one) => one.rtt_ms));
	}
}

const TEN_S = 10_000;
const RTTS = 3;
/** Sound that waits longer is late. */
const LONG_MS = 150;
const SHORT_MS = 60;
const PART = 0.85;
const AGAIN_MS = 2_000;
/** A look's growth: 5 % a second. */
const MORE = 1.025;
/** An estimate that grew by this much belongs to a wider link. */
const WIDER = 1.5;
const BPS_MIN = 40_000;
/** The estimate is not that wrong. */
const LEAST_PART = 0.6;
const SOUND_BPS = 60_000;
