// A camera may give frames with a mark that they are turned. The relay accepts no such mark on the
// wire, because Firefox does not know it; then a sender turns the picture itself, except for
// Chromium, which drops frames with a mark. So Chromium sends a copy that stands upright.

/** The part of Chromium's reader of frames that is used here; the DOM types lack it. */
interface Processor {
	readable: ReadableStream<VideoFrame>;
}
declare const MediaStreamTrackProcessor: new (of: { track: MediaStreamTrack }) => Processor;

/**
 * Calls back with a copy of the camera's track as soon as a frame is turned. Looks at the first
 * frame, and at one frame whenever the phone is turned. Ends when the returned function is called.
 */
export function keepUpright(camera: MediaStreamTrack, upright: (copy: MediaStreamTrack) => void): () => void {
	let end: (() => void) | null = null;
	let ended = false;
	const look = async (): Promise<void> => {
		if (!(await isTurned(camera)) || ended || end !== null || isOver(camera)) return;
		const copy = uprightCopy(camera);
		end = copy.end;
		upright(copy.track);
	};
	const again = (): void => void look();
	screen.orientation?.addEventListener("change", again);
	again();
	return () => {
		ended = true;
		screen.orientation?.removeEventListener("change", again);
		end?.();
	};
}

async function isTurned(camera: MediaStreamTrack): Promise<boolean> {
	if (isOver(camera)) return false;
	const reader = framesOf(camera);
	const { value: frame } = await reader.read();
	const rotation = frame === undefined ? 0 : ((frame as { rotation?: number }).rotation ?? 0);
	frame?.close();
	void reader.cancel();
	return rotation !== 0;
}

function uprightCopy(camera: MediaStreamTrack): { track: MediaStreamTrack; end: () => void } {
	const canvas = document.createElement("canvas");
	const brush = canvas.getContext("2d", { alpha: false });
	const [track] = canvas.captureStream().getVideoTracks();
	if (brush === null || track === undefined) return { track: camera, end: () => undefined };
	const reader = framesOf(camera);
	const draw = async (): Promise<void> => {
		for (;;) {
			const { value: frame } = await reader.read();
			if (frame === undefined) break;
			const { displayWidth: width, displayHeight: height } = frame;
			if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
			// A canvas draws a turned frame upright.
			brush.drawImage(frame, 0, 0, width, height);
			frame.close();
		}
		track.stop();
	};
	void draw().catch(() => track.stop());
	return {
		track,
		end: () => {
			void reader.cancel();
			track.stop();
		},
	};
}

/** The lens may be switched while this file loads. An ended track's frames have no reader. */
function isOver(track: MediaStreamTrack): boolean {
	return track.readyState === "ended";
}

function framesOf(track: MediaStreamTrack): ReadableStreamDefaultReader<VideoFrame> {
	return new MediaStreamTrackProcessor({ track }).readable.getReader();
}
