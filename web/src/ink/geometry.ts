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

function coordinate(part: number): number {
	return Number.isNaN(part) ? 0 : Math.round(Math.min(1, Math.max(0, part)) * FAR);
}
