// The camera as still pictures: frames of a video that come every few seconds. They travel as the
// video does, so nothing is uploaded and nothing is kept.

import { nextTask } from "../turn";

/** How long until the next still, by what the last one took and what the link has beside sound. */
export function stillEvery(bytes: number, link_bps: number | null): number {
	const room = Math.max(ROOM_BPS_MIN, (link_bps ?? 0) - SOUND_BPS);
	return Math.min(EVERY_MS_MAX, Math.max(EVERY_MS_MIN, (bytes * 8 * 1000) / room));
}

export class StillCamera {
	readonly track: MediaStreamTrack;
	readonly #video = document.createElement("video");
	readonly #canvas = document.createElement("canvas");
	readonly #frame = document.createElement("canvas");

	private constructor(camera: MediaStreamTrack, track: MediaStreamTrack, canvas: HTMLCanvasElement) {
		this.track = track;
		this.#canvas = canvas;
		this.#video.muted = true;
		this.#video.playsInline = true;
		this.#video.srcObject = new MediaStream([camera]);
		this.#video.play().catch(() => undefined);
	}

	/** Null where the browser cannot do it. */
	static of(camera: MediaStreamTrack): StillCamera | null {
		const canvas = document.createElement("canvas");
		// Firefox captures a canvas only once it has a brush.
		canvas.getContext("2d", { alpha: false });
		const [track] = canvas.captureStream?.(0).getVideoTracks() ?? [];
		if (track === undefined) return null;
		// Without the hint `detail`: Chromium then takes the track for a screen and fills what it
		// sends up to 100 kbit/s with padding, so a thin link has no room left for sound.
		return new StillCamera(camera, track, canvas);
	}

	/** Takes a new picture and sends it; false while the camera has none. */
	shoot(): boolean {
		const { videoWidth: wide, videoHeight: high } = this.#video;
		if (wide === 0 || high === 0) return false;
		const scale = Math.min(1, LINES / Math.min(wide, high));
		const size = { width: Math.round(wide * scale), height: Math.round(high * scale) };
		for (const one of [this.#frame, this.#canvas]) {
			if (one.width !== size.width || one.height !== size.height) Object.assign(one, size);
		}
		this.#frame.getContext("2d", { alpha: false })?.drawImage(this.#video, 0, 0, size.width, size.height);
		// Each of the two takes a slow processor long.
		void nextTask().then(() => this.repeat());
		return true;
	}

	/** Sends the same picture again: an encoder may leave a frame out, or make it sharper. */
	repeat(): void {
		if (this.track.readyState !== "live") return;
		this.#canvas.getContext("2d", { alpha: false })?.drawImage(this.#frame, 0, 0);
		(this.track as CanvasCaptureMediaStreamTrack).requestFrame();
	}

	stop(): void {
		this.track.stop();
		this.#video.srcObject = null;
	}
}

const LINES = 720;
const EVERY_MS_MIN = 2_000;
const EVERY_MS_MAX = 10_000;
/** Left for sound and feedback. */
const SOUND_BPS = 60_000;
const ROOM_BPS_MIN = 30_000;
