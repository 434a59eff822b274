// Badges name a stroke's author without colour: by a letter, and by a shape in case both letters
// are the same.

import type { Seat } from "../wire/generated";
import { BADGES, COLOURS, OUTLINE } from "./colours";
import type { Spot } from "./geometry";
import { font, type Paper } from "./paper";

/** Half a badge's height, for a picture whose longer side measures `side` on the paper. */
export function badgeRadius(side: number): number {
	return Math.max(RADIUS_LEAST, RADIUS * side);
}

export function paintBadge(paper: Paper, at: Spot, radius: number, seat: Seat, letter: string): void {
	const rim = Math.max(1, radius * 0.16);
	for (const [size, style] of [[radius, OUTLINE] as const, [radius - rim, COLOURS[seat]] as const]) {
		paper.fillStyle = style;
		paper.beginPath();
		if (BADGES[seat] === "square") paper.rect(at.x - size, at.y - size, 2 * size, 2 * size);
		else paper.arc(at.x, at.y, size, 0, 2 * Math.PI);
		paper.fill();
	}
	paper.font = font(700, radius * 1.25);
	paper.textAlign = "center";
	paper.textBaseline = "middle";
	paper.fillStyle = OUTLINE;
	paper.fillText(letter, at.x, at.y);
}

/** A share of the picture's longer side, and the least in CSS pixels. */
const RADIUS = 0.0085;
const RADIUS_LEAST = 8;
