// Whether a canvas gives back what was painted on it. Browsers that protect against fingerprinting
// return noise or white, without an error.

import { canvas, type MakePaper, type Paper } from "./capture";
import { nextTask } from "../turn";
import { decode } from "./photograph";
import { UPLOAD_TYPE } from "../../wire/generated";

/**
 * Paints two known colours, and reads them as pixels and from a JPEG. False where no canvas is to
 * be had: that shows by itself.
 */
export async function canvasLies(makePaper: MakePaper = canvas, read: typeof decode = decode): Promise<boolean> {
	try {
		const paper = makePaper(2 * SIDE, SIDE);
		const context = paper.getContext("2d", { alpha: false });
		if (context === null) return false;
		COLOURS.forEach((colour, at) => {
			context.fillStyle = `rgb(${colour.join(" ")})`;
			context.fillRect(at * SIDE, 0, SIDE, SIDE);
		});
		if (!shows(context)) return true;
		const blob = await new Promise<Blob | null>((resolve) => paper.toBlob(resolve, UPLOAD_TYPE, 0.9));
		if (blob === null) return false;
		const decoded = await read(blob);
		const copy = makePaper(2 * SIDE, SIDE).getContext("2d", { alpha: false });
		copy?.drawImage(decoded.image, 0, 0);
		decoded.close();
		return copy !== null && !shows(copy);
	} catch {
		// A browser may refuse to read a canvas at all.
		return true;
	}
}

let known: Promise<boolean> | null = null;

/** The same, checked once in the life of a page, or once more. */
export function lies(again: boolean): Promise<boolean> {
	if (again) known = null;
	// It takes a browser long the first time, and a message that requests a picture has more to do.
	known ??= nextTask().then(() => canvasLies());
	return known;
}

function shows(context: NonNullable<ReturnType<Paper["getContext"]>>): boolean {
	return COLOURS.every((colour, at) => {
		const { data } = context.getImageData(at * SIDE + SIDE / 2, SIDE / 2, 1, 1);
		return colour.every((value, channel) => Math.abs((data[channel] ?? 0) - value) <= TOLERANCE);
	});
}

/** Two blocks of a JPEG on each side. */
const SIDE = 16;
const COLOURS = [
	[200, 40, 60],
	[30, 120, 190],
] as const;
/** JPEG, and browsers that change the lowest bits only, which nobody sees. */
const TOLERANCE = 24;
