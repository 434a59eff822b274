// Stills of a video, frozen at once for showing. A video element is painted onto a canvas, which
// every browser can.

import { PICTURE_PIXELS_MAX } from "../../wire/generated";

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

export function canvas(width: number, height: number): Paper {
	return Object.assign(document.createElement("canvas"), { width, height });
}

function hasFrame(video: Showing): boolean {
	return video.readyState >= HAVE_CURRENT_DATA && video.videoWidth > 0 && video.videoHeight > 0;
}

export function isPaper(image: unknown): image is Paper {
	return typeof image === "object" && image !== null && "toBlob" in image;
}

const HAVE_CURRENT_DATA = 2;
