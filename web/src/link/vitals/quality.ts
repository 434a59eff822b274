// Decides from the counters of a peer connection whether the link is weak. Pure.
//
// What counts is what the people notice: sound that is made up, a picture that stands still or is a
// slide show, and many lost packets. A narrow link that carries both is not weak.

import type { Sample } from "./sample";

/** What is known from elsewhere at the moment of a sample. */
export interface Context {
	/** A moving picture of the other person is expected. */
	picture: boolean;
	/** Frames a second that the other person's camera gives; null when the page does not tell. */
	camera_fps: number | null;
}

/** Turns samples into `weak`, over the last moments, so that it does not flicker. */
export class Quality {
	#samples: Sample[] = [];
	/** Since when a picture is expected. */
	#expected_at: number | null = null;
	weak = false;

	add(now: Sample, context: Context): void {
		const before = this.#samples[0];
		// Counters that start again, or that a page at rest did not read, tell nothing.
		const last = this.#samples.at(-1);
		if (last !== undefined && (now.heard < last.heard || now.at_ms - last.at_ms > RESTED_MS)) this.restart();
		if (!context.picture) this.#expected_at = null;
		else this.#expected_at ??= now.at_ms;
		this.#samples.push(now);
		while (this.#samples.length > 2 && now.at_ms - (this.#samples[1]?.at_ms ?? 0) >= SPAN_MS) this.#samples.shift();
		if (before === undefined || now.at_ms - (this.#samples[0]?.at_ms ?? 0) < SPAN_MS) return;
		const picture = this.#expected_at !== null && now.at_ms - this.#expected_at >= PATIENCE_MS;
		this.weak = isBad(this.#samples[0] ?? now, now, { ...context, picture }, this.weak ? EASE : 1);
	}

	/** Counters start again with a new peer connection. */
	restart(): void {
		this.#samples = [];
	}
}

/** `ease` is above 1 for what is weak already: it must be better than that to be well again. */
export function isBad(before: Sample, now: Sample, { picture, camera_fps }: Context, ease = 1): boolean {
	const seconds = Math.max(0.001, (now.at_ms - before.at_ms) / 1000);
	const lossMax = LOSS_MAX / ease;
	const received = now.received - before.received;
	const lost = Math.max(0, now.lost - before.lost);
	if (received + lost >= PACKETS_MIN && lost / (received + lost) > lossMax) return true;
	if (now.lost_there > lossMax) return true;
	if ((now.frozen_ms - before.frozen_ms) / 1000 / seconds > FROZEN_SHARE_MAX / ease) return true;
	const sound = now.sound - before.sound;
	if (sound > 0 && (now.made_up - before.made_up) / sound > MADE_UP_MAX / ease) return true;
	const fpsMin = FPS_MIN * ease;
	const shown = (now.frames - before.frames) / seconds;
	// A camera that gives little itself is no fault of the link.
	if (picture && shown < Math.min(fpsMin, (camera_fps ?? 2 * fpsMin) / 2)) return true;
	if (now.camera_frames === null || before.camera_frames === null) return false;
	const camera = (now.camera_frames - before.camera_frames) / seconds;
	const sent = (now.frames_sent - before.frames_sent) / seconds;
	return sent < Math.min(fpsMin, camera / 2);
}

/** The time over which a sample is judged. */
const SPAN_MS = 1_400;
const RESTED_MS = 2_000;
/** Until then a picture that was switched on may be missing. */
const PATIENCE_MS = 4_000;
const LOSS_MAX = 0.1;
const FROZEN_SHARE_MAX = 0.25;
const MADE_UP_MAX = 0.2;
/** Below this a picture is a slide show. */
const FPS_MIN = 5;
const EASE = 1.25;
/** From fewer packets no share is computed. */
const PACKETS_MIN = 20;
