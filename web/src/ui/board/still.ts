// The canvas of the picture and the finished strokes, which seldom change. It knows what is on it
// and paints only what is missing.

import type { Placement, Size } from "../../ink/geometry";
import { type Initials, paint, type Paper } from "../../ink/paint";
import { SEATS } from "../../wire/seats";
import type { BaseImage, ShownStroke } from "../../link/picture/contract";

/** What the layer should show. */
export interface Shown {
	base: BaseImage;
	strokes: readonly ShownStroke[];
	placement: Placement;
	/** The size of the layer in CSS pixels, and its pixels for each of them. */
	box: Size;
	ratio: number;
	who: Initials;
}

export type StillPaper = Paper &
	Pick<CanvasRenderingContext2D, "setTransform" | "clearRect" | "drawImage" | "imageSmoothingQuality">;

/** A canvas, or a stand-in for tests. */
export interface Layer {
	width: number;
	height: number;
	getContext(kind: "2d"): StillPaper | null;
}

export class StillLayer {
	readonly #layer: Layer;
	#on: Shown | null = null;

	constructor(layer: Layer) {
		this.#layer = layer;
	}

	/** Paints what is missing; false when the browser provides no canvas. */
	show(shown: Shown): boolean {
		const on = this.#on;
		const least = on === null ? 0 : begins(on, shown);
		const rest = on !== null && this.#holds(on, shown) && samePlace(on.placement, shown.placement);
		if (!(rest ? this.#add(shown, least) : this.#all(shown))) return false;
		this.#on = shown;
		return true;
	}

	/** What is painted only needs to be put elsewhere. */
	canMove(shown: Shown): boolean {
		const on = this.#on;
		return on !== null && this.#holds(on, shown) && !samePlace(on.placement, shown.placement);
	}

	/**
	 * Paints what is there, scaled, onto a paper of the same size, for a picture that moves.
	 * Returns the strokes that the caller still has to paint over it.
	 */
	onto(paper: StillPaper, image: CanvasImageSource, shown: Shown): readonly ShownStroke[] {
		const on = this.#on;
		if (on === null) return shown.strokes;
		if (!covers(on.placement, shown)) paintBase(paper, shown, "low");
		const grown = shown.placement.scale / on.placement.scale;
		const { ratio } = shown;
		const from = (now: number, then: number): number => (now - then * grown) * ratio;
		const { x, y } = shown.placement;
		paper.setTransform(grown, 0, 0, grown, from(x, on.placement.x), from(y, on.placement.y));
		paper.drawImage(image, 0, 0);
		return shown.strokes.slice(begins(on, shown));
	}

	/** Frees memory: some browsers keep a canvas's pixels long after the canvas. */
	free(): void {
		this.#on = null;
		this.#layer.width = this.#layer.height = 0;
	}

	/** All that is on it is wanted. */
	#holds(on: Shown, shown: Shown): boolean {
		return alike(on, shown) && begins(on, shown) === on.strokes.length;
	}

	#all(shown: Shown): boolean {
		resize(this.#layer, shown);
		const paper = this.#layer.getContext("2d");
		if (paper === null) return false;
		paper.setTransform(1, 0, 0, 1, 0, 0);
		paper.clearRect(0, 0, this.#layer.width, this.#layer.height);
		paintBase(paper, shown, "high");
		paint(paper, shown.strokes, shown.placement, shown.base, shown.who);
		return true;
	}

	#add(shown: Shown, least: number): boolean {
		if (least === shown.strokes.length) return true;
		const paper = this.#layer.getContext("2d");
		if (paper === null) return false;
		paper.setTransform(shown.ratio, 0, 0, shown.ratio, 0, 0);
		paint(paper, shown.strokes.slice(least), shown.placement, shown.base, shown.who);
		return true;
	}
}

/** Sets a canvas size only when it differs, since setting it clears the canvas and is slow. */
export function resize(layer: { width: number; height: number }, { box, ratio }: Pick<Shown, "box" | "ratio">): void {
	const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
	if (layer.width !== width) layer.width = width;
	if (layer.height !== height) layer.height = height;
}

/**
 * Counts the wanted strokes that are on the layer already, from the first on. A stroke stays the
 * same when the log confirms it.
 */
function begins(on: Shown, wanted: Shown): number {
	const differs = on.strokes.findIndex(
		({ seat, mark }, at) => wanted.strokes[at]?.mark !== mark || wanted.strokes[at]?.seat !== seat,
	);
	return differs === -1 ? on.strokes.length : differs;
}

/** Compares everything but the strokes and the placement. */
function alike(a: Shown, b: Shown): boolean {
	return (
		a.base === b.base &&
		a.ratio === b.ratio &&
		a.box.width === b.box.width &&
		a.box.height === b.box.height &&
		SEATS.every((seat) => a.who[seat] === b.who[seat])
	);
}

function samePlace(a: Placement, b: Placement): boolean {
	return a.scale === b.scale && a.x === b.x && a.y === b.y;
}

/** Whether the painted box, at its new place, covers all of the picture inside the box. */
function covers(before: Placement, { placement, box, base }: Shown): boolean {
	const grown = placement.scale / before.scale;
	const side = (was: number, is: number, room: number, length: number): boolean => {
		const from = is - was * grown;
		return from <= Math.max(0, is) && from + room * grown >= Math.min(room, is + length * placement.scale);
	};
	return side(before.x, placement.x, box.width, base.width) && side(before.y, placement.y, box.height, base.height);
}

function paintBase(
	paper: StillPaper,
	{ base, placement: { scale, x, y }, ratio }: Shown,
	quality: ImageSmoothingQuality,
): void {
	paper.setTransform(ratio, 0, 0, ratio, 0, 0);
	paper.imageSmoothingQuality = quality;
	try {
		paper.drawImage(base.image, x, y, base.width * scale, base.height * scale);
	} catch {
		// This bitmap was closed for a better one, which is painted next.
	}
}
