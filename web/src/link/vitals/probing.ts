// Finds out quickly that a link has become wider. Pure; times are milliseconds of any clock that
// never goes back.
//
// Chromium's estimate grows by 8 % a second, unless it probes: it does when the bit rate that video
// may use changes while little is sent. So video goes down for a moment and up again, once the
// estimate has left the height where it had stayed. From 325 kbit/s to 1.8 Mbit/s takes 2 s that
// way, not 20. A probe that finds nothing costs a thin link a full queue, so the next one waits.

export class Probing {
	/** The estimates since the last fall, oldest first. */
	#seen: { at: number; bps: number }[] = [];
	/** A dip: since when, and the estimate before it. */
	#dip: { since: number; bps: number } | null = null;
	/** The last dip, until it is known whether it helped. */
	#tried: { at: number; bps: number } | null = null;
	#wait = WAIT_MS;
	#not_before = 0;
	/** When the other person's link was the narrower one, and the own estimate then. */
	#beyond: { at: number; bps: number } | null = null;

	/**
	 * Takes the estimate, a few times a second, and what the other person's link leaves for video,
	 * where that is known. Returns the bit/s that video may use during a dip; null outside of one.
	 */
	look(now: number, bps: number | null, beyond_bps: number | null = null): number | null {
		if (bps === null) return null;
		this.#remember(now, bps);
		const narrower = beyond_bps !== null && bps >= beyond_bps * NARROWER;
		if (narrower) this.#beyond = { at: now, bps };
		if (this.#dip !== null) {
			if (now - this.#dip.since < DIP_MS) return dipped(this.#dip.bps);
			this.#tried = { at: now, bps: this.#dip.bps };
			this.#dip = null;
			return null;
		}
		this.#judge(now, bps);
		if (narrower || this.#tried !== null || now < this.#not_before || bps >= ENOUGH_BPS) return null;
		// Where that link became wider, the own estimate was held down until now. If it is lower
		// because it fell, the own link became narrow.
		const { at, bps: held_bps } = this.#beyond ?? { at: Number.NEGATIVE_INFINITY, bps: 0 };
		const freed = now - at < FREED_MS && bps * FREED <= (beyond_bps ?? 0) && bps >= held_bps * HELD;
		if (!freed && !this.#left(now, bps)) return null;
		this.#dip = { since: now, bps };
		return dipped(bps);
	}

	/** Video is held down at present. */
	get dips(): boolean {
		return this.#dip !== null;
	}

	/** Another connection serves, and its estimate begins again. */
	restart(): void {
		this.#seen = [];
		this.#dip = this.#tried = this.#beyond = null;
	}

	#remember(now: number, bps: number): void {
		const highest = Math.max(...this.#seen.map((one) => one.bps));
		if (bps < highest * FALL) this.#seen = [];
		this.#seen.push({ at: now, bps });
		while (now - (this.#seen[0]?.at ?? now) > MEMORY_MS) this.#seen.shift();
	}

	/** Whether the last dip helped, and how long the next one waits. */
	#judge(now: number, bps: number): void {
		if (this.#tried === null || now - this.#tried.at < JUDGE_MS) return;
		const helped = bps > this.#tried.bps * HELPED;
		this.#wait = helped ? WAIT_MS : Math.min(WAIT_MS_MAX, 2 * this.#wait);
		this.#not_before = now + (helped ? RECENT_MS : this.#wait);
		this.#tried = null;
	}

	/** The estimate is above all that it was a few seconds ago. */
	#left(now: number, bps: number): boolean {
		const before = this.#seen.filter(({ at }) => now - at >= RECENT_MS);
		const long = now - (this.#seen[0]?.at ?? now) >= SETTLED_MS;
		return long && before.every((one) => bps > one.bps * RISE);
	}
}

function dipped(bps: number): number {
	return Math.max(DIP_BPS_MIN, bps * DIP_PART);
}

/** Chromium must see for a while that less than two thirds of its estimate are sent. */
const DIP_MS = 1_300;
const DIP_PART = 0.12;
const DIP_BPS_MIN = 30_000;
/** On such a link video gets all that it uses. */
const ENOUGH_BPS = 1_700_000;
/** From this share of the other person's link on, a better estimate of the own one is of no use. */
const NARROWER = 0.8;
const FREED = 1.5;
const FREED_MS = 4_000;
/** An estimate below this share of what it was then has fallen by itself. */
const HELD = 0.9;
const FALL = 0.6;
const RISE = 1.15;
const MEMORY_MS = 30_000;
const RECENT_MS = 2_500;
const SETTLED_MS = 5_000;
const JUDGE_MS = 2_000;
const HELPED = 1.45;
const WAIT_MS = 3_000;
const WAIT_MS_MAX = 60_000;
