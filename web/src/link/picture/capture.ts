// Stills of a video: frozen at once for showing, taken at the camera's full size for keeping, and
// made into a JPEG. A video element is painted onto a canvas, which every browser can.
// `ImageCapture.takePhoto` is not used: where it exists it takes up to a second, and its picture
// has another aspect ratio than the video that both people see.

import { PICTURE_PIXELS_MAX, UPLOAD_BYTES_MAX, UPLOAD_TYPE } from "../../wire/generated";

/** A still, as it was painted. */
export interface Frame {
	image: CanvasImageSource;
	width: number;
	height: number;
}

/** The part of a video element that is used. */
export type Showing = Pick<HTMLVideoElement, "srcObject" | "videoWidth" | "videoHeight" | "readyState">;

/** Makes a canvas to paint on; a test gives another. */
export type MakePaper = (width: number, height: number) => Paper;
export type Paper = Pick<HTMLCanvasElement, "width" | "height" | "toBlob"> & {
	getContext(of: "2d", settings?: CanvasRenderingContext2DSettings): CanvasRenderingContext2D | null;
};

/** The size at which a picture is kept: its own, or a smaller one where it has too many pixels. */
export function fitted(width: number, height: number): { width: number; height: number } {
	const pixels = width * height;
	if (pixels <= PICTURE_PIXELS_MAX) return { width, height };
	const scale = Math.sqrt(PICTURE_PIXELS_MAX / pixels);
	return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

/** Returns what the element shows at this moment; null while it shows nothing. */
export function freeze(video: Showing, makePaper: MakePaper = canvas): Frame | null {
	if (!hasFrame(video)) return null;
	const { width, height } = fitted(video.videoWidth, video.videoHeight);
	try {
		const paper = makePaper(width, height);
		const context = paper.getContext("2d", { alpha: false });
		if (context === null) return null;
		context.drawImage(video as HTMLVideoElement, 0, 0, width, height);
		return { image: paper as unknown as CanvasImageSource, width, height };
	} catch {
		// There is no memory for a canvas of this size.
		return null;
	}
}

export interface GrabOptions {
	/** The page's own element, if it may be used. */
	shown: Showing | null;
	limit_ms: number;
	makeVideo?: () => HTMLVideoElement;
	makePaper?: MakePaper;
}

/**
 * Takes a still of the camera at its full size, from the page's element when that shows this very
 * camera.
 */
export async function grab(stream: MediaStream, options: GrabOptions): Promise<Frame | null> {
	const { shown, limit_ms, makeVideo = hiddenVideo, makePaper = canvas } = options;
	if (shown !== null && shown.srcObject === stream && flows(stream)) {
		const frame = freeze(shown, makePaper);
		if (frame !== null) return frame;
	}
	const video = makeVideo();
	try {
		video.muted = true;
		video.playsInline = true;
		video.srcObject = stream;
		// It plays without a tap because it is muted. Where it does not, no frame comes and the
		// time limit ends it.
		video.play()?.catch(() => undefined);
		for (let waited = 0; waited <= limit_ms; waited += LOOK_MS) {
			const frame = flows(stream) ? freeze(video, makePaper) : null;
			if (frame !== null) return frame;
			await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
		}
		return null;
	} finally {
		video.pause();
		video.srcObject = null;
	}
}

/**
 * Makes a JPEG that may be uploaded, as good as its length allows; null when this browser makes
 * none.
 */
export async function jpeg(frame: Frame, quality: number, makePaper: MakePaper = canvas): Promise<Blob | null> {
	for (const { size, at_most } of STEPS) {
		const paper = size === 1 && isPaper(frame.image) ? frame.image : painted(frame, size, makePaper);
		const blob = paper === null ? null : await blobOf(paper, Math.min(quality, at_most));
		// Safari returns PNG for a type that it cannot make.
		if (blob !== null && blob.type === UPLOAD_TYPE && blob.size <= UPLOAD_BYTES_MAX && blob.size > 0) return blob;
	}
	return null;
}

/**
 * Gives the canvas's memory back once the frame is not used any more. Phones limit that memory, and
 * free it late by themselves.
 */
export function release({ image }: Frame): void {
	if (isPaper(image)) image.width = image.height = 0;
}

/** A picture that can be painted. */
export interface Decoded extends Frame {
	close(): void;
}

/** Decodes a picture; rejects when the bytes are not one. */
export async function decode(blob: Blob): Promise<Decoded> {
	if (typeof createImageBitmap === "function") {
		try {
			const bitmap = await createImageBitmap(blob);
			return { image: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() };
		} catch {
			// The element below may still decode it, or rejects.
		}
	}
	const url = URL.createObjectURL(blob);
	try {
		const image = new Image();
		image.src = url;
		await image.decode();
		return { image, width: image.naturalWidth, height: image.naturalHeight, close: () => undefined };
	} finally {
		URL.revokeObjectURL(url);
	}
}

export function canvas(width: number, height: number): Paper {
	return Object.assign(document.createElement("canvas"), { width, height });
}

function hiddenVideo(): HTMLVideoElement {
	return document.createElement("video");
}

function hasFrame(video: Showing): boolean {
	return video.readyState >= HAVE_CURRENT_DATA && video.videoWidth > 0 && video.videoHeight > 0;
}

/** When a phone takes the camera away, the last frame stays, or black. */
function flows(stream: MediaStream): boolean {
	const track = stream.getVideoTracks()[0];
	return track !== undefined && track.readyState === "live" && !track.muted;
}

function isPaper(image: unknown): image is Paper {
	return typeof image === "object" && image !== null && "toBlob" in image;
}

function painted(frame: Frame, size: number, makePaper: MakePaper): Paper | null {
	const width = Math.max(1, Math.round(frame.width * size));
	const height = Math.max(1, Math.round(frame.height * size));
	try {
		const paper = makePaper(width, height);
		const context = paper.getContext("2d", { alpha: false });
		context?.drawImage(frame.image, 0, 0, width, height);
		return context === null ? null : paper;
	} catch {
		return null;
	}
}

/**
 * Resolves with null on failure and after a time limit: some browsers never call back when they are
 * short of memory.
 */
function blobOf(paper: Paper, quality: number): Promise<Blob | null> {
	return new Promise((resolve) => {
		const timer = setTimeout(() => resolve(null), BLOB_MS);
		const done = (blob: Blob | null): void => {
			clearTimeout(timer);
			resolve(blob);
		};
		try {
			paper.toBlob(done, UPLOAD_TYPE, quality);
		} catch {
			done(null);
		}
	});
}

/** From the best quality to one that always fits. */
const STEPS = [
	{ size: 1, at_most: 1 },
	{ size: 1, at_most: 0.75 },
	{ size: 1, at_most: 0.6 },
	{ size: 0.7, at_most: 0.75 },
	{ size: 0.5, at_most: 0.75 },
];
const HAVE_CURRENT_DATA = 2;
const LOOK_MS = 30;
const BLOB_MS = 6_000;
