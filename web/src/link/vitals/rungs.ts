// The ladder of what a page sends of its camera: how large and how often, down to still pictures.
// Pure; times are milliseconds of any clock that never goes back.
//
// Sound comes first, so a rung is left as soon as the link does not carry it. A rung that failed is
// tried again later and later, which keeps the picture from changing all the time.

export interface Rung {
	/** The shorter side of the picture. */
	lines: number;
	/** Frames a second, at most. */
	fps: number;
	/** On less, by the estimate of what video may use, no picture of this size moves. */
	keep_bps: number;
	/** From here on it is tried. */
	enter_bps: number;
}

export const RUNGS: readonly Rung[] = [
	{ lines: 720, fps: 30, keep_bps: 250_000, enter_bps: 480_000 },
	{ lines: 720, fps: 15, keep_bps: 220_000, enter_bps: 370_000 },
	{ lines: 540, fps: 15, keep_bps: 180_000, enter_bps: 280_000 },
	{ lines: 360, fps: 15, keep_bps: 130_000, enter_bps: 190_000 },
	{ lines: 270, fps: 10, keep_bps: 100_000, enter_bps: 135_000 },
];
/** The place below the lowest rung: still pictures. */
export const STILLS = RUNGS.length;

/** What is known at one moment. */
export interface Link {
	now: number;
	/** What video may use by all estimates, bit/s; null while that is not known. */
	bps: number | null;
	/** The share of packets that is lost on the way to the other person, 0..1. */
	lost: number;
	/** Frames a second that the camera gives and that are sent. */
	camera_fps: number;
	sent_fps: number;
	/** How coarsely frames are coded, 0 (fine) to 1; null while that is not known. */
	coarse: number | null;
	/** Nothing comes: no report says how what is sent fares. */
	silent: boolean;
	/** The highest rung that is wanted: 0, or further down to save data. */
	top: number;
}

export class Ladder {
	/** The place of the rung in use; `STILLS` for still pictures. */
	at = 0;
	/** Since when this rung is in use. */
	#since: number | null = null;
	#looked_at: number | null = null;
	/** Since when nothing comes; null while something does. */
	#silent_since: number | null = null;
	/** When nothing came last, and when nothing had come for long. */
	#silent_at = Number.NEGATIVE_INFINITY;
	#cut_at = Number.NEGATIVE_INFINITY;
	/** The estimate of the last seconds, at most. */
	#high_bps = 0;
	/** Since when each sign of trouble, and of room, has been there. */
	readonly #signs = new Map<Sign, number>();
	/** A rung that failed is not tried before, and how long it waits after the next failure. */
	readonly #barred = new Map<number, { until: number; wait: number }>();

	/** Takes what is known, a few times a second; returns the place of the rung to use. */
	look(link: Link): number {
		this.#since ??= link.now;
		if (this.at < link.top) this.#use(link.top, link.now);
		this.#noteSilence(link);
		const down = this.#down(link);
		if (down !== null && down > this.at) {
			this.#bar(this.at, link.now, down === STILLS ? QUICK_STILLS_MS : QUICK_MS);
			this.#use(down, link.now);
		} else {
			const up = this.#up(link);
			if (up !== null && up < this.at) this.#use(up, link.now);
		}
		return this.at;
	}

	/**
	 * A link that was cut may come back as it was, so that time is no sign of a thin one. The first
	 * reports after it still tell of it.
	 */
	#noteSilence({ now, silent }: Pick<Link, "now" | "silent">): void {
		const looked_at = this.#looked_at ?? now;
		const unseen = now - looked_at > UNSEEN_MS;
		this.#looked_at = now;
		const gone = silent || unseen;
		if (gone) {
			this.#silent_since ??= unseen ? looked_at : now;
			this.#silent_at = now;
		}
		// A lost connection is not looked at, and may be back before that was long.
		if (this.#silent_since !== null && now - this.#silent_since >= CUT_MS) this.#cut_at = now;
		if (!gone) this.#silent_since = null;
		const soon = now - this.#silent_at < SILENCE_MS;
		if (soon) this.#signs.delete("nothing");
		if (soon || now - this.#cut_at < REPORTED_MS) this.#signs.delete("lossy");
	}

	/** Another connection serves: its estimates begin again. */
	restart(now: number): void {
		this.#signs.clear();
		this.#high_bps = 0;
		this.#since = now;
	}

	/** The camera is held down for a moment, so that nothing of it counts. */
	rest(link: Pick<Link, "now" | "silent">): void {
		const { now } = link;
		this.#noteSilence(link);
		for (const sign of ["narrow", "starved", "worn", "nothing"] as const) this.#signs.delete(sign);
		this.#since = now;
	}

	#down({ now, bps, lost, camera_fps, sent_fps, coarse }: Link): number | null {
		const rung = RUNGS[this.at];
		const lossy = this.#lasts("lossy", lost > LOST_MAX, now, LOSSY_MS);
		if (rung === undefined) return null;
		const nothing = this.#lasts("nothing", bps !== null && bps < LEAST_BPS, now, NOTHING_MS);
		if (lossy || nothing) return STILLS;
		// How large a picture may be is known only later, so a fall is answered with a small one.
		this.#high_bps = Math.max(bps ?? 0, this.#high_bps * HIGH_LEFT);
		const plunged = bps !== null && bps < rung.enter_bps && bps < this.#high_bps * PLUNGED;
		if (plunged) return moving(bps, (one) => one.enter_bps);
		const young = now - (this.#since ?? now) < YOUNG_MS;
		const small = bps !== null && bps < rung.keep_bps;
		const fell = small && bps < rung.keep_bps * FELL;
		const narrow = this.#lasts("narrow", small, now, NARROW_MS) && !young;
		const wanted = Math.min(rung.fps, camera_fps);
		const starved = this.#lasts("starved", sent_fps < wanted * STARVED, now, STARVED_MS);
		// A link that became narrow carries little for a moment, until its queue is gone.
		if ((narrow || fell) && bps !== null) return moving(bps, (one) => one.keep_bps);
		const worn = this.#lasts("worn", coarse !== null && coarse > COARSE, now, WORN_MS);
		if (!(starved || worn) || young) return null;
		const fits = bps === null ? 0 : place(bps, (one) => one.enter_bps);
		// With room enough the machine is slow: a smaller picture helps there, too, stills do not.
		return Math.max(fits, Math.min(this.at + 1, STILLS - 1));
	}

	#up({ now, bps, lost, camera_fps, sent_fps, coarse, top }: Link): number | null {
		const rung = RUNGS[this.at];
		const next = this.at - 1;
		const target = RUNGS[next];
		if (target === undefined || next < top || bps === null) return null;
		const clear = bps >= target.enter_bps * CLEARLY && lost < LOST_EASE;
		const wide = this.#lasts("wide", bps >= target.enter_bps && lost < LOST_EASE, now, clear ? CLEAR_MS : WIDE_MS);
		// A calm picture needs less than its size says.
		const well = rung !== undefined && sent_fps >= Math.min(rung.fps, camera_fps) * WELL;
		const fine = this.#lasts("fine", well && coarse !== null && coarse < FINE && lost < LOST_EASE, now, FINE_MS);
		// Still pictures use so little that the estimate may grow no more: what is above is tried.
		const near = rung === undefined && bps >= target.enter_bps * NEAR && lost < LOST_EASE;
		const trial = near && now - (this.#since ?? now) >= TRIAL_MS;
		if (!wide && !fine && !trial) return null;
		let up = wide
			? Math.max(
					top,
					Math.min(
						next,
						place(bps, (one) => one.enter_bps),
					),
				)
			: next;
		while (up < this.at && now < (this.#barred.get(up)?.until ?? 0)) up += 1;
		return up;
	}

	#use(at: number, now: number): void {
		// On the way down, what a smaller picture has not mended goes on to count.
		const goes_on = at > this.at && at < STILLS;
		for (const sign of this.#signs.keys()) if (!goes_on || !LASTING.has(sign)) this.#signs.delete(sign);
		this.at = at;
		this.#since = now;
	}

	/** Bars a rung, the longer the sooner it failed after it was tried. */
	#bar(at: number, now: number, quick_ms: number): void {
		const before = this.#barred.get(at)?.wait ?? 0;
		const quick = now - (this.#since ?? now) < quick_ms;
		const wait = quick ? Math.min(BARRED_MS_MAX, Math.max(BARRED_MS, 2 * before)) : BARRED_MS;
		this.#barred.set(at, { until: now + wait, wait });
	}

	/** Whether a sign has been there for this time. */
	#lasts(sign: Sign, is: boolean, now: number, for_ms: number): boolean {
		if (!is) {
			this.#signs.delete(sign);
			return false;
		}
		const since = this.#signs.get(sign) ?? now;
		this.#signs.set(sign, since);
		return now - since >= for_ms;
	}
}

/** The signs that moving pictures do not get through, of whatever size. */
const LASTING: ReadonlySet<Sign> = new Set(["lossy", "nothing"]);

type Sign = "lossy" | "nothing" | "narrow" | "starved" | "worn" | "wide" | "fine";

/** The place of the highest rung that so many bit/s carry. */
function place(bps: number, needs: (rung: Rung) => number): number {
	const at = RUNGS.findIndex((rung) => bps >= needs(rung));
	return at === -1 ? STILLS : at;
}

/** The same, or the lowest rung: pictures that move. */
function moving(bps: number, needs: (rung: Rung) => number): number {
	return Math.min(STILLS - 1, place(bps, needs));
}

/** Above this share of lost packets only still pictures get through in time. */
const LOST_MAX = 0.25;
const LOST_EASE = 0.15;
const LOSSY_MS = 1_500;
/** The other end reports once a second. */
const SILENCE_MS = 1_500;
/** A lost connection is not looked at. A page in the background looks every two seconds. */
const UNSEEN_MS = 2_300;
/** A silence that makes a report of sound look like one of a link that loses much. */
const CUT_MS = 1_500;
/** Of sound it reports every five seconds, and its last report counts for 2.5 s. */
const REPORTED_MS = 7_500;
const NARROW_MS = 1_000;
const LEAST_BPS = RUNGS[STILLS - 1]?.keep_bps ?? 0;
const NOTHING_MS = 4_000;
/** Below this share of what a rung needs there is nothing to wait for. */
const FELL = 0.75;
/** Below this share of the frames the picture is starved. */
const STARVED = 0.75;
const STARVED_MS = 1_000;
/** An encoder that can make a picture no coarser drops some. */
const COARSE = 0.78;
const WORN_MS = 2_000;
/** A fall to less than this share of the last seconds' estimate; a look leaves so much of that. */
const PLUNGED = 0.4;
const HIGH_LEFT = 0.85;
const WELL = 0.8;
/**
 * A rung's first moments do not count: the encoder begins with a whole picture, and a call without
 * an estimate.
 */
const YOUNG_MS = 2_000;
const WIDE_MS = 2_000;
/** A link that carries so many times what a rung needs is not looked at for long. */
const CLEARLY = 2.5;
const CLEAR_MS = 500;
const FINE = 0.3;
const FINE_MS = 4_000;
const TRIAL_MS = 8_000;
const NEAR = 0.85;
const QUICK_MS = 10_000;
/** Too little for any moving picture shows only after a while. */
const QUICK_STILLS_MS = 30_000;
const BARRED_MS = 5_000;
const BARRED_MS_MAX = 60_000;
