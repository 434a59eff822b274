// Counts the frames of the own camera in the element that shows it.

import type { Camera } from "./camera";
import { isLive } from "./constraints";
import { FrameWatch } from "./frame-watch";

/** Watches until the returned function is called. `hidden`: the page is in the background. */
export function watchCamera(camera: Camera, video: HTMLVideoElement, hidden: () => boolean): () => void {
	const watch = new FrameWatch();
	let painted = 0;
	let callback = 0;
	const count = (): void => {
		painted += 1;
		callback = video.requestVideoFrameCallback(count);
	};
	const counts = "requestVideoFrameCallback" in video;
	if (counts) callback = video.requestVideoFrameCallback(count);

	function frames(stream: MediaStream): number | null {
		if (video.srcObject !== stream) return null;
		if (video.paused) {
			// A telephone call pauses the element and does not resume it.
			video.play().catch(() => undefined);
			return null;
		}
		const total = video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
		return counts || total > 0 ? painted + total : null;
	}

	const timer = setInterval(() => {
		const stream = camera.stream.peek();
		const track = stream?.getTracks()[0];
		if (stream === null || track === undefined || !isLive(stream) || hidden()) {
			camera.paused.value = false;
			return;
		}
		const { dead, paused } = watch.look({ now: performance.now(), frames: frames(stream), muted: track.muted });
		camera.paused.value = paused;
		if (dead) void camera.renew();
	}, LOOK_MS);
	return () => {
		clearInterval(timer);
		if (counts) video.cancelVideoFrameCallback(callback);
		camera.paused.value = false;
	};
}

const LOOK_MS = 400;
