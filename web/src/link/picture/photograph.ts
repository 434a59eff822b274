// Stills that are kept: taken at the camera's full size, and made into a JPEG.
// `ImageCapture.takePhoto` is not used: where it exists it takes up to a second, and its picture
// has another aspect ratio than the video that both people see.

import { UPLOAD_BYTES_MAX, UPLOAD_TYPE } from "../../wire/generated";
import { canvas, type Decoded, type Frame, freeze, isPaper, type MakePaper, type Paper, type Showing } from "./capture";

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

function hiddenVideo(): HTMLVideoElement {
	return document.createElement("video");
}

/** When a phone takes the camera away, the last frame stays, or black. */
function flows(stream: MediaStream): boolean {
	const track = stream.getVideoTracks()[0];
	return track !== undefined && track.readyState === "live" && !track.muted;
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
const LOOK_MS = 30;
const BLOB_MS = 6_000;
