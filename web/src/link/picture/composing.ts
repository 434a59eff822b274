// Paints the picture that is sent, and makes a JPEG of it. What else of pictures loads during the
// call comes along.

import type { Initials } from "../../ink/colours";
import { composeOnto } from "../../ink/compose";
import type { Paintable } from "../../ink/paint";
import { canvas, type Frame } from "./capture";
import { nextTask } from "../turn";
import { jpeg } from "./photograph";

export { develop } from "./developing";
export { lies } from "./truth";

/** The picture and all that lies on it. */
export interface Sheet {
	base: Frame;
	strokes: readonly Paintable[];
	who: Initials;
	stamp: string;
}

/** Paints at the full size of the base; null when this browser cannot. */
export async function compose({ base, strokes, who, stamp }: Sheet): Promise<Blob | null> {
	const { width, height } = base;
	const paper = canvas(width, height);
	const context = paper.getContext("2d", { alpha: false });
	if (context === null) return null;
	await nextTask();
	composeOnto(context, base.image, { width, height }, strokes, who, stamp);
	await nextTask();
	const body = await jpeg({ image: paper as unknown as CanvasImageSource, width, height }, QUALITY);
	// Phones limit the memory of canvases, and free it late by themselves.
	paper.width = paper.height = 0;
	return body;
}

const QUALITY = 0.9;
