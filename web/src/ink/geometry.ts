// Where a picture lies in a box of the screen, and what lies under a finger. Places on the picture
// are 0..65535 on each side: 0 is the near edge of the first pixel, 65535 the far edge of the last.
// So a stroke stays on what it was drawn on, whatever the box, the zoom and the device's pixels
// are.

import type { Point } from "../wire/generated";

export interface Size {
	width: number;
	height: number;
}

/** A place in the box, CSS pixels from its top left corner. */
export interface Spot {
	x: number;
	y: number;
}

/** Screen = pixel of the picture * scale + x (or y). */
export interface Placement {
	scale: number;
	x: number;
	y: number;
}

/**
 * How far somebody has zoomed in, and which place of the picture (0..1 on each side) is in the
 * middle of their box.
 */
export interface Zoom {
	factor: number;
	x: number;
	y: number;
}

export const NO_ZOOM: Zoom = { factor: 1, x: 0.5, y: 0.5 };
export const ZOOM_MAX = 8;
/** Highest coordinate of a place on a picture. */
export const FAR = 65_535;

/** The whole picture, as large as the box allows, in its middle. */
export function contain(picture: Size, box: Size): Placement {
	return middle(picture, box, Math.min(box.width / picture.width, box.height / picture.height));
}

/** The whole box covered, as little of the picture cut away as possible. */
export function cover(picture: Size, box: Size): Placement {
	return middle(picture, box, Math.max(box.width / picture.width, box.height / picture.height));
}

/**
 * `contain`, zoomed in. The picture never leaves the box: no side shows a gap that the whole
 * picture would not.
 */
export function placed(picture: Size, box: Size, zoom: Zoom): Placement {
	const scale = contain(picture, box).scale * zoom.factor;
	return {
		scale,
		x: kept(box.width / 2 - zoom.x * picture.width * scale, picture.width * scale, box.width),
		y: kept(box.height / 2 - zoom.y * picture.height * scale, picture.height * scale, box.height),
	};
}

/**
 * Two fingers moved: what lay between them lies between them again, larger or smaller as they
 * parted or closed.
 */
export function pinched(
	zoom: Zoom,
	picture: Size,
	box: Size,
	before: readonly [Spot, Spot],
	after: readonly [Spot, Spot],
): Zoom {
	const apart = distance(before);
	const factor = apart > 0 ? zoom.factor * (distance(after) / apart) : zoom.factor;
	return held(zoom, picture, box, between(before), between(after), factor);
}

/** The picture was pushed by so many CSS pixels. */
export function panned(zoom: Zoom, picture: Size, box: Size, dx: number, dy: number): Zoom {
	const at = { x: box.width / 2, y: box.height / 2 };
	return held(zoom, picture, box, at, { x: at.x + dx, y: at.y + dy }, zoom.factor);
}

/** Zoomed to `zoom.factor * factor`, the place at a spot staying there. */
export function zoomedAt(zoom: Zoom, picture: Size, box: Size, at: Spot, factor: number): Zoom {
	return held(zoom, picture, box, at, at, zoom.factor * factor);
}

/** The place on the picture at a spot; beyond the picture the nearest on its edge. */
export function toPicture(placement: Placement, picture: Size, spot: Spot): Point {
	return [
		coordinate((spot.x - placement.x) / (picture.width * placement.scale)),
		coordinate((spot.y - placement.y) / (picture.height * placement.scale)),
	];
}

/** The spot at which a place on the picture is seen. */
export function toSpot(placement: Placement, picture: Size, at: Point): Spot {
	return {
		x: placement.x + (at[0] / FAR) * picture.width * placement.scale,
		y: placement.y + (at[1] / FAR) * picture.height * placement.scale,
	};
}

/** The spot lies on the picture, its edges included. */
export function isOn(placement: Placement, picture: Size, spot: Spot): boolean {
	const x = spot.x - placement.x;
	const y = spot.y - placement.y;
	return x >= 0 && y >= 0 && x <= picture.width * placement.scale && y <= picture.height * placement.scale;
}

function middle(picture: Size, box: Size, scale: number): Placement {
	// A box that is not laid out yet has no size, a video without a frame neither: whatever is
	// asked of them stays finite.
	const finite = Number.isFinite(scale) ? scale : 0;
	return {
		scale: finite,
		x: (box.width - picture.width * finite) / 2,
		y: (box.height - picture.height * finite) / 2,
	};
}

/**
 * The zoom with which the place that was at `from` is at `to`, as far as the picture then stays in
 * the box.
 */
function held(zoom: Zoom, picture: Size, box: Size, from: Spot, to: Spot, wanted: number): Zoom {
	const before = placed(picture, box, zoom);
	if (!(before.scale > 0) || !Number.isFinite(wanted)) return zoom;
	const factor = Math.min(ZOOM_MAX, Math.max(1, wanted));
	const grown = factor / zoom.factor;
	const width = picture.width * before.scale * grown;
	const height = picture.height * before.scale * grown;
	const x = kept(to.x - (from.x - before.x) * grown, width, box.width);
	const y = kept(to.y - (from.y - before.y) * grown, height, box.height);
	return { factor, x: (box.width / 2 - x) / width, y: (box.height / 2 - y) / height };
}

/** Where a side of the picture begins: in the middle when it fits, else without a gap. */
function kept(start: number, length: number, room: number): number {
	if (length <= room) return (room - length) / 2;
	return Math.min(0, Math.max(room - length, start));
}

function coordinate(part: number): number {
	return Number.isNaN(part) ? 0 : Math.round(Math.min(1, Math.max(0, part)) * FAR);
}

function distance([a, b]: readonly [Spot, Spot]): number {
	return Math.hypot(a.x - b.x, a.y - b.y);
}

function between([a, b]: readonly [Spot, Spot]): Spot {
	return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
