// Judges by its frames whether a camera really delivers a picture: a track can be `live` and dead,
// and a phone can mute it for a while. Pure; the clock is that of `now`, in milliseconds.

export interface Look {
	now: number;
	/** Counts up with every frame that is shown; null while that is not known. */
	frames: number | null;
	/** The track's own word. */
	muted: boolean;
}

export interface Verdict {
	/** The camera is to be requested again. */
	dead: boolean;
	/** For a while now the phone gives no picture. */
	paused: boolean;
}

export class FrameWatch {
	#frames: number | null = null;
	#looked_at = Number.NEGATIVE_INFINITY;
	#moved_at = 0;
	#muted: { at: number; bySystem: boolean } | null = null;
	/** How often in a row the camera was requested again, and when it may be at the earliest. */
	#asked = 0;
	#ask_at = 0;

	/** Called a few times a second while the camera is on and its picture is on the screen. */
	look({ now, frames, muted }: Look): Verdict {
		// A page that stood still itself has seen nothing, and learns nothing from that.
		const rested = now - this.#looked_at > RESTED_MS;
		this.#looked_at = now;
		if (rested || frames === null || frames !== this.#frames) {
			if (!rested && now - this.#ask_at > FLOWS_MS) this.#asked = 0;
			this.#moved_at = now;
		}
		this.#frames = frames;
		if (!muted) this.#muted = null;
		// Chromium mutes a track whose frames are missing; a system mutes it while they still come.
		else this.#muted ??= { at: now, bySystem: now - this.#moved_at < SYSTEM_MS };
		const still_ms = now - this.#moved_at;
		const muted_ms = this.#muted === null ? 0 : now - this.#muted.at;
		const dead = still_ms >= DEAD_MS && now >= this.#ask_at && !this.#muted?.bySystem;
		if (dead) {
			this.#ask_at = now + (PAUSES_MS[this.#asked] ?? PAUSE_MS_MAX);
			this.#asked += 1;
		}
		return { dead, paused: Math.max(still_ms, muted_ms) >= PAUSED_MS };
	}
}

const RESTED_MS = 1_500;
const DEAD_MS = 2_000;
const PAUSED_MS = 5_000;
const SYSTEM_MS = 600;
/** A camera that stays dead, or whose frames cannot be counted, is not restarted all the time. */
const PAUSES_MS = [3_500, 10_000, 30_000];
const PAUSE_MS_MAX = 60_000;
const FLOWS_MS = 10_000;
