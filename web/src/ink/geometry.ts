// Where a picture lies in a box on the screen, and what lies under a finger. Coordinates on the
// picture run from 0 to 65535 on each side: 0 is the near edge of the first pixel, 65535 the far
// edge of the last. So a stroke stays in its place at any box size, zoom and pixel density.

import type { Point } from "../wire/generated";

export interface Size {
	width: number;
	height: number;
}

/** A position in the box, in CSS pixels from its top left corner. */
export interface Spot {
	x: number;
	y: number;
}

/** Screen position = picture pixel * scale + x (or y). */
export interface Placement {
	scale: number;
	x: number;
	y: number;
}

/** The zoom factor, and the point of the picture (0..1 on each side) in the middle of the box. */
export interface Zoom {
	factor: number;
	x: number;
	y: number;
}

export const NO_ZOOM: Zoom = { factor: 1, x: 0.5, y: 0.5 };
export const ZOOM_MAX = 8;
/** The highest coordinate on a picture. */
export const FAR = 65_535;

/** Centres the whole picture, as large as the box allows. */
export function contain(picture: Size, box: Size): Placement {
	return middle(picture, box, Math.min(box.width / picture.width, box.height / picture.height));
}

/** Covers the whole box and cuts away as little of the picture as possible. */
export function cover(picture: Size, box: Size): Placement {
	return middle(picture, box, Math.max(box.width / picture.width, box.height / picture.height));
}

/** Like `contain`, zoomed in. No side shows a gap that the whole picture would not show. */
export function placed(picture: Size, box: Size, zoom: Zoom): Placement {
	const scale = contain(picture, box).scale * zoom.factor;
	return {
		scale,
		x: kept(box.width / 2 - zoom.x * picture.width * scale, picture.width * scale, box.width),
		y: kept(box.height / 2 - zoom.y * picture.height * scale, picture.height * scale, box.height),
	};
}

/**
 * Returns the zoom after two fingers moved: the point between them follows, and the scale changes
 * with their distance.
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

/** Returns the zoom after the picture was pushed by `dx` and `dy` CSS pixels. */
export function panned(zoom: Zoom, picture: Size, box: Size, dx: number, dy: number): Zoom {
	const at = { x: box.width / 2, y: box.height / 2 };
	return held(zoom, picture, box, at, { x: at.x + dx, y: at.y + dy }, zoom.factor);
}

/** Zooms by `factor`; the point of the picture at `at` stays there. */
export function zoomedAt(zoom: Zoom, picture: Size, box: Size, at: Spot, factor: number): Zoom {
	return held(zoom, picture, box, at, at, zoom.factor * factor);
}

/** Converts a spot to picture coordinates; outside the picture, to the nearest on its edge. */
export function toPicture(placement: Placement, picture: Size, spot: Spot): Point {
	return [
		coordinate((spot.x - placement.x) / (picture.width * placement.scale)),
		coordinate((spot.y - placement.y) / (picture.height * placement.scale)),
	];
}

/** Converts picture coordinates to a spot. */
export function toSpot(placement: Placement, picture: Size, at: Point): Spot {
	return {
		x: placement.x + (at[0] / FAR) * picture.width * placement.scale,
		y: placement.y + (at[1] / FAR) * picture.height * placement.scale,
	};
}

/** Whether a spot lies on the picture, edges included. */
export function isOn(placement: Placement, picture: Size, spot: Spot): boolean {
	const x = spot.x - placement.x;
	const y = spot.y - placement.y;
	return x >= 0 && y >= 0 && x <= picture.width * placement.scale && y <= picture.height * placement.scale;
}

function middle(picture: Size, box: Size, scale: number): Placement {
	// A box without a layout and a video without a frame have no size: results stay finite.
	const finite = Number.isFinite(scale) ? scale : 0;
	return {
		scale: finite,
		x: (box.width - picture.width * finite) / 2,
		y: (box.height - picture.height * finite) / 2,
	};
}

/**
 * Returns the zoom that moves the point at `from` to `to`, as far as the picture stays in the box.
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

/** Where a side of the picture begins: centred when it fits, otherwise without a gap. */
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
