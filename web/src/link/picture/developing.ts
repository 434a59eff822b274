// Makes a JPEG of a picture that the customer chose: upright, no larger than needed, and without
// metadata, because a canvas paints it.

import { PICTURE_PIXELS_MAX } from "../../wire/generated";
import { canvas, type Frame, type MakePaper, release } from "./capture";
import { jpeg } from "./photograph";

/** A chosen picture that can be uploaded. */
export interface Developed {
	/** Its size; the pixels are in `body` only. */
	frame: Frame;
	body: Blob;
}

/**
 * Why a file cannot be used. `heic`: the format of iPhones, which this browser does not read.
 */
export type ChoiceTrouble = "too_large" | "heic" | "unreadable";

export async function develop(
	file: Blob,
	read: (file: Blob) => Promise<Frame> = element,
	makePaper: MakePaper = canvas,
): Promise<Developed | ChoiceTrouble> {
	if (file.size > CHOSEN_BYTES_MAX) return "too_large";
	let chosen: Frame;
	try {
		chosen = await read(file);
	} catch {
		return (await isHeic(file)) ? "heic" : "unreadable";
	}
	const { width, height } = fitting(chosen);
	const paper = makePaper(width, height);
	const context = paper.getContext("2d", { alpha: false });
	if (context === null) return "unreadable";
	// Behind a picture with transparent parts.
	context.fillStyle = "#fff";
	context.fillRect(0, 0, width, height);
	context.drawImage(chosen.image, 0, 0, width, height);
	const frame = { image: paper as unknown as CanvasImageSource, width, height };
	const body = await jpeg(frame, QUALITY, makePaper);
	release(frame);
	return body === null ? "unreadable" : { frame, body };
}

/** The size to keep: the longest side and the number of pixels have a limit. */
export function fitting({ width, height }: { width: number; height: number }): { width: number; height: number } {
	const scale = Math.min(1, SIDE_MAX / Math.max(width, height), Math.sqrt(PICTURE_PIXELS_MAX / (width * height)));
	return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

/** An element, unlike a bitmap, is turned upright by every browser. */
async function element(file: Blob): Promise<Frame> {
	const url = URL.createObjectURL(file);
	try {
		const image = new Image();
		image.src = url;
		await image.decode();
		if (image.naturalWidth === 0 || image.naturalHeight === 0) throw new Error("picture without a size");
		return { image, width: image.naturalWidth, height: image.naturalHeight };
	} finally {
		URL.revokeObjectURL(url);
	}
}

/** ISO 14496-12: the box `ftyp` comes first, and names the brands of the file. */
export async function isHeic(file: Blob): Promise<boolean> {
	const head = String.fromCharCode(...new Uint8Array(await file.slice(4, 64).arrayBuffer()));
	return head.startsWith("ftyp") && /hei[cxms]|hev[cxms]|mif1|msf1/.test(head);
}

/** Phones' panoramas have 20 MB. */
export const CHOSEN_BYTES_MAX = 30 * 1024 * 1024;
const SIDE_MAX = 4_096;
const QUALITY = 0.88;
