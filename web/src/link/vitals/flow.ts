// Judges by what comes of the other page whether it still gets through. Pure; the clock is that of
// `now`, in milliseconds.

/**
 * `unknown`: nothing came yet, or nothing need come. `quiet`: for a moment nothing came. `silent`:
 * the path to the other page is dead.
 */
export type Flow = "unknown" | "flows" | "quiet" | "silent";

export class FlowWatch {
	#heard = 0;
	/** When sound or a picture came last, and a message. */
	#heard_at = Number.NEGATIVE_INFINITY;
	#told_at = Number.NEGATIVE_INFINITY;
	#looked_at = Number.POSITIVE_INFINITY;

	/** `heard` counts up with sound and picture; it starts again with a new connection. */
	look(now: number, heard: number): void {
		if (heard !== this.#heard && heard > 0) this.#heard_at = now;
		this.#heard = heard;
	}

	/** A message of the other page came. */
	told(now: number): void {
		this.#told_at = now;
	}

	/** Nothing that came before counts: the other page went, or this one was not connected. */
	restart(): void {
		this.#heard_at = this.#told_at = Number.NEGATIVE_INFINITY;
	}

	/**
	 * A page that stood still itself has heard nothing, and learns nothing from that. What it hears
	 * at this very moment counts.
	 */
	#rest(now: number, still_ms: number): void {
		if (still_ms <= LATE_MS) return;
		const later = (at: number): number => {
			if (at === now || still_ms <= RESTED_MS) return Math.min(now, at + still_ms - LOOKS_MS);
			return Number.NEGATIVE_INFINITY;
		};
		this.#heard_at = later(this.#heard_at);
		this.#told_at = later(this.#told_at);
	}

	/** Asked a few times a second. `media`: the other person's camera or microphone is on. */
	at(now: number, media: boolean): Flow {
		this.#rest(now, now - this.#looked_at);
		this.#looked_at = now;
		const last = Math.max(this.#heard_at, this.#told_at);
		if (last === Number.NEGATIVE_INFINITY) return "unknown";
		if (now - last <= FLOWS_MS) return "flows";
		// Sound and picture come all the time, messages once a second, and some of them are lost. A
		// page that told something after its media stopped has stopped them itself.
		const streams = this.#told_at - this.#heard_at < TELLS_ON_MS;
		if (this.#told_at === Number.NEGATIVE_INFINITY && !media) return "unknown";
		return now - last > (streams ? SILENT_MS : UNTOLD_MS) ? "silent" : "quiet";
	}
}

/** How often a page looks that is in front; a hidden one looks once a second. */
const LOOKS_MS = 250;
/** With the 500 ms between two counts of what came, still shorter than what counts as silence. */
const LATE_MS = 600;
/** After so long nothing that came before counts. */
const RESTED_MS = 1_500;
const FLOWS_MS = 1_000;
/** With the look that it takes, shown within 2 s. */
const SILENT_MS = 1_200;
/** Three messages in a row. */
const UNTOLD_MS = 3_300;
const TELLS_ON_MS = 600;
