// Tells a connection that fell quiet from one over which little comes. Pure.

/** Watches how much came over one connection, looked at four times a second or oftener. */
export class Quiet {
	/** Nothing came since the look before: the next one may be soon. */
	pauses = false;
	#came: number | null = null;
	/** From when a pause is counted, on the clock. */
	#came_at = 0;
	/** When anything came; long ago while that is not known. */
	came_at = Number.NEGATIVE_INFINITY;
	#looked_at = Number.NEGATIVE_INFINITY;
	/** The longest pauses of this span and of the one before, milliseconds. */
	#longest: number = BEAT_MS;
	#longest_before = 0;
	#span_at = Number.NEGATIVE_INFINITY;
	/** When it fell quiet; null while anything comes. */
	#since: number | null = null;

	/** Another connection serves. */
	restart(): void {
		this.#came = null;
		this.came_at = Number.NEGATIVE_INFINITY;
		this.pauses = false;
		this.#since = null;
	}

	/**
	 * Since when the connection is quiet, on the clock; null while it is not. `flows`: sound or
	 * picture of the other person is expected, and not the relay's beats alone.
	 */
	look(now: number, came: number | null, flows: boolean): number | null {
		const late = now - this.#looked_at > LATE_MS;
		this.#looked_at = now;
		const before = this.#came;
		// Pairs whose network is gone are counted no more.
		this.#came = came ?? before;
		const grew = before !== null && (came ?? 0) > before;
		if (grew) this.came_at = now;
		if (before === null || late) {
			// A page whose timers stand still knows nothing of its network.
			this.#hear(now);
			return null;
		}
		const pause = now - this.#came_at;
		if (grew) {
			this.#note(now, pause);
			this.#hear(now);
			return null;
		}
		this.pauses = true;
		const usual = PAUSES * Math.max(this.#longest, this.#longest_before, flows ? 0 : 2 * BEAT_MS);
		if (pause >= Math.min(Math.max(QUIET_MS, usual), QUIET_MAX_MS)) this.#since ??= now;
		return this.#since;
	}

	#hear(now: number): void {
		this.pauses = false;
		this.#came_at = now;
		this.#since = null;
	}

	#note(now: number, pause: number): void {
		if (now - this.#span_at > SPAN_MS) {
			this.#longest_before = this.#longest;
			this.#longest = 0;
			this.#span_at = now;
		}
		this.#longest = Math.max(this.#longest, pause);
	}
}

/**
 * Counts up while anything comes over a connection; null where a browser does not count it. The
 * receiver's statistics have its transport, and are cheaper than the whole connection's.
 */
export async function cameOver(pc: RTCPeerConnection): Promise<number | null> {
	const report = await pc.getReceivers()[0]?.getStats();
	let came: number | null = null;
	// A pair that served before stays nominated.
	for (const one of report?.values() ?? []) {
		if (one.type !== "candidate-pair" || one.nominated !== true) continue;
		if (typeof one.bytesReceived === "number") came = (came ?? 0) + one.bytesReceived;
	}
	return came;
}

/** Where nothing else comes, the relay's beats do. */
const BEAT_MS = 500;
/** A little less than two looks, because timers are not exact. */
const QUIET_MS = 450;
const QUIET_MAX_MS = 2_000;
/** Quiet is a pause this many times as long as the longest one lately. */
const PAUSES = 1.8;
const SPAN_MS = 2_500;
/** A look that comes later tells of the page, not of its network. */
const LATE_MS = 600;
