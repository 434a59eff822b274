// Zooming into a picture with fingers, wheel and keys. Apart from `geometry.ts`, since pages need
// it once a picture is open.

import { contain, type Placement, type Size, type Spot } from "./geometry";

/** The zoom factor, and the point of the picture (0..1 on each side) in the middle of the box. */
export interface Zoom {
	factor: number;
	x: number;
	y: number;
}

export const NO_ZOOM: Zoom = { factor: 1, x: 0.5, y: 0.5 };
export const ZOOM_MAX = 8;

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

function distance([a, b]: readonly [Spot, Spot]): number {
	return Math.hypot(a.x - b.x, a.y - b.y);
}

function between([a, b]: readonly [Spot, Spot]): Spot {
	return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
