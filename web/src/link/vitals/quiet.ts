// Tells a connection that fell quiet from one over which little comes. Pure.

/** Watches how much came over one connection, looked at four times a second or oftener. */
export class Quiet {
	/** Nothing came since the look before: the next one may be soon. */
	pauses = false;
	/** When anything came, on the clock; long ago while that is not known. */
	came_at = Number.NEGATIVE_INFINITY;
	/** What had come at the last look; null before the first one. */
	#came: number | null = null;
	/** From when the present pause is counted, on the clock. */
	#pause_from = 0;
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
	 * Since when the connection is quiet, on the clock; null while it is not. `came` counts up
	 * while anything comes, and is null where nothing is counted. `flows`: sound or picture of the
	 * other person is expected, and not the relay's beats alone.
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
		const pause = now - this.#pause_from;
		if (grew) {
			this.#note(now, pause);
			this.#hear(now);
			return null;
		}
		this.pauses = true;
		// One beat may be lost.
		const least = flows ? 0 : 2 * BEAT_MS;
		const usual = PAUSES * Math.max(this.#longest, this.#longest_before, least);
		if (pause >= Math.min(Math.max(QUIET_MS, usual), QUIET_MAX_MS)) this.#since ??= now;
		return this.#since;
	}

	#hear(now: number): void {
		this.pauses = false;
		this.#pause_from = now;
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
