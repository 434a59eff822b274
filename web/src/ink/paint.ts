// Paints strokes. Each is painted twice, first wider and dark, then in its author's colour, so that
// it shows on any background. Widths scale with the picture, so a sent picture looks as it did on
// screen.

import type { Ink, Seat } from "../wire/generated";
import { badgeRadius, paintBadge } from "./badge";
import { COLOURS, type Initials, OUTLINE } from "./colours";
import { directionOf } from "./direction";
import { type Placement, type Size, type Spot, toSpot } from "./geometry";
import { font, type Paper } from "./paper";

export { type Initials, initialsOf } from "./colours";
export type { Paper } from "./paper";

/** A stroke to paint, finished or in progress. */
export interface Paintable {
	readonly seat: Seat;
	readonly ink: Ink;
	readonly mark: number;
	readonly pending?: boolean;
}

/** Paints strokes in order, each with its author's initial at the first point. */
export function paint(
	paper: Paper,
	strokes: readonly Paintable[],
	placement: Placement,
	picture: Size,
	who: Initials,
): void {
	if (!(placement.scale > 0)) return;
	paper.save();
	paper.lineCap = "round";
	paper.lineJoin = "round";
	const painter = new StrokePainter(paper, placement, picture);
	for (const { seat, ink } of strokes) {
		const badge = painter.paint(ink, COLOURS[seat]);
		if (badge !== null) paintBadge(paper, painter.inside(badge, painter.badge), painter.badge, seat, who[seat]);
	}
	paper.restore();
}

/** A paper with a picture on it: knows line widths and the picture's edges. */
class StrokePainter {
	readonly badge: number;
	readonly #paper: Paper;
	readonly #placement: Placement;
	readonly #picture: Size;
	/** Width of the coloured line, and what the dark one below adds. */
	readonly #width: number;
	readonly #dark: number;
	/** The picture's longer side on the paper. */
	readonly #side: number;

	constructor(paper: Paper, placement: Placement, picture: Size) {
		this.#paper = paper;
		this.#placement = placement;
		this.#picture = picture;
		this.#side = Math.max(picture.width, picture.height) * placement.scale;
		this.#width = Math.max(WIDTH_LEAST, WIDTH * this.#side);
		this.#dark = 2 * Math.max(1, 0.22 * this.#width);
		this.badge = badgeRadius(this.#side);
	}

	/** Paints one stroke. Returns the place of its badge; null when nothing was painted. */
	paint(ink: Ink, colour: string): Spot | null {
		switch (ink.tool) {
			case "pen":
				return this.#pen(ink.line, ink.pressure, colour);
			case "arrow":
				return this.#arrow(this.#spot(ink.from), this.#spot(ink.to), colour);
			case "circle":
				return this.#circle(this.#spot(ink.from), this.#spot(ink.to), colour);
			case "box":
				return this.#box(this.#spot(ink.from), this.#spot(ink.to), colour);
			case "text":
				return this.#text(this.#spot(ink.at), ink.text, colour);
			case "step":
				return this.#step(this.#spot(ink.at), ink.number, colour);
			default:
				// A newer page's tool.
				return null;
		}
	}

	/** The nearest spot at which a disc of this radius stays on the picture. */
	inside(spot: Spot, radius: number): Spot {
		const { scale, x, y } = this.#placement;
		return {
			x: within(spot.x, x + radius, x + this.#picture.width * scale - radius),
			y: within(spot.y, y + radius, y + this.#picture.height * scale - radius),
		};
	}

	#pen(line: readonly number[], pressure: readonly number[] | undefined, colour: string): Spot | null {
		const spots: Spot[] = [];
		for (let at = 0; at + 1 < line.length; at += 2) spots.push(this.#spot([line[at] ?? 0, line[at + 1] ?? 0]));
		const first = spots[0];
		if (first === undefined) return null;
		const felt = pressure?.length === spots.length ? pressure : null;
		const wide = (at: number): number => this.#width * (felt === null ? 1 : 0.5 + (felt[at] ?? 128) / 255);
		if (spots.length === 1) {
			const radius = wide(0) * 0.9;
			this.#disc(first, radius + this.#dark / 2, OUTLINE);
			this.#disc(first, radius, colour);
			return this.#beside(first, radius);
		}
		if (felt !== null)
			this.#brushed(
				brushed(spots, (at) => wide(at) / 2),
				colour,
			);
		else this.#outlined(colour, () => this.#bent(spots));
		return this.#beside(first, this.#width / 2);
	}

	/** Curves from midpoint to midpoint around each point, so that the line has no corners. */
	#bent(spots: readonly Spot[]): void {
		for (const [at, spot] of spots.entries()) {
			if (at === 0) this.#paper.moveTo(spot.x, spot.y);
			else if (at === spots.length - 1) this.#paper.lineTo(spot.x, spot.y);
			else {
				const to = halfway(spot, spots[at + 1] as Spot);
				this.#paper.quadraticCurveTo(spot.x, spot.y, to.x, to.y);
			}
		}
	}

	/** A line of changing width: pieces of constant width, in steps too small to see. */
	#brushed(discs: readonly Disc[], colour: string): void {
		const paper = this.#paper;
		for (const [extra, style] of [[this.#dark, OUTLINE] as const, [0, colour] as const]) {
			paper.strokeStyle = style;
			let width = 0;
			for (const [at, { x, y, radius }] of discs.entries()) {
				const before = discs[at - 1];
				if (before === undefined) continue;
				const wanted = Math.max(1, Math.round((radius + before.radius) / WIDTH_STEP)) * WIDTH_STEP;
				if (wanted !== width) {
					if (width > 0) paper.stroke();
					width = wanted;
					paper.lineWidth = width + extra;
					paper.beginPath();
					paper.moveTo(before.x, before.y);
				}
				paper.lineTo(x, y);
			}
			paper.stroke();
		}
	}

	#arrow(from: Spot, to: Spot, colour: string): Spot {
		const length = Math.hypot(to.x - from.x, to.y - from.y);
		const along = length > 0 ? { x: (to.x - from.x) / length, y: (to.y - from.y) / length } : { x: 0, y: -1 };
		// The head of a short arrow is shorter than the arrow.
		const head = Math.min(this.#width * 5, Math.max(this.#width * 2, length * 0.6));
		const wing = (side: 1 | -1): Spot => ({
			x: to.x - along.x * head + side * along.y * head * 0.62,
			y: to.y - along.y * head - side * along.x * head * 0.62,
		});
		const [left, right] = [wing(1), wing(-1)];
		this.#outlined(colour, () => {
			this.#paper.moveTo(from.x, from.y);
			this.#paper.lineTo(to.x, to.y);
			this.#paper.moveTo(left.x, left.y);
			this.#paper.lineTo(to.x, to.y);
			this.#paper.lineTo(right.x, right.y);
		});
		return { x: from.x - along.x * this.badge, y: from.y - along.y * this.badge };
	}

	#circle(from: Spot, to: Spot, colour: string): Spot {
		const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
		const half = { x: Math.abs(to.x - from.x) / 2, y: Math.abs(to.y - from.y) / 2 };
		this.#outlined(colour, () => {
			this.#paper.ellipse(middle.x, middle.y, Math.max(half.x, 0.5), Math.max(half.y, 0.5), 0, 0, 2 * Math.PI);
		});
		// The corner of its box is off the line: the badge sits on the ellipse towards it.
		return {
			x: middle.x + (from.x - middle.x) * Math.SQRT1_2,
			y: middle.y + (from.y - middle.y) * Math.SQRT1_2,
		};
	}

	#box(from: Spot, to: Spot, colour: string): Spot {
		this.#outlined(colour, () => {
			this.#paper.rect(
				Math.min(from.x, to.x),
				Math.min(from.y, to.y),
				Math.abs(to.x - from.x),
				Math.abs(to.y - from.y),
			);
		});
		return from;
	}

	/** The badge comes first, the words follow. */
	#text(at: Spot, text: string, colour: string): Spot {
		const paper = this.#paper;
		const size = Math.max(TEXT_LEAST, TEXT * this.#side);
		paper.font = font(600, size);
		paper.textAlign = "left";
		paper.textBaseline = "middle";
		// Alike on both pages, whatever they speak.
		paper.direction = directionOf(text);
		const lead = 2 * this.badge + size * 0.3;
		const width = lead + paper.measureText(text).width + size * 0.15;
		const left = this.#placement.x;
		// A text too long for the space on its right moves left, as far as the picture reaches.
		const x = Math.max(left, Math.min(at.x, left + this.#picture.width * this.#placement.scale - width));
		paper.strokeStyle = OUTLINE;
		paper.lineWidth = size * 0.22;
		paper.strokeText(text, x + lead, at.y);
		paper.fillStyle = colour;
		paper.fillText(text, x + lead, at.y);
		return { x: x + this.badge, y: at.y };
	}

	#step(at: Spot, number: number, colour: string): Spot {
		const paper = this.#paper;
		const radius = Math.max(STEP_LEAST, STEP * this.#side);
		this.#disc(at, radius + this.#dark / 2, OUTLINE);
		this.#disc(at, radius, colour);
		paper.font = font(700, radius * 1.15);
		paper.textAlign = "center";
		paper.textBaseline = "middle";
		paper.fillStyle = OUTLINE;
		paper.fillText(`${number}`, at.x, at.y);
		return this.#beside(at, radius);
	}

	#outlined(colour: string, path: () => void): void {
		for (const [extra, style] of [[this.#dark, OUTLINE] as const, [0, colour] as const]) {
			this.#paper.strokeStyle = style;
			this.#paper.lineWidth = this.#width + extra;
			this.#paper.beginPath();
			path();
			this.#paper.stroke();
		}
	}

	#disc(at: Spot, radius: number, style: string): void {
		this.#paper.fillStyle = style;
		this.#paper.beginPath();
		this.#paper.arc(at.x, at.y, radius, 0, 2 * Math.PI);
		this.#paper.fill();
	}

	/** Next to what is painted at a spot: up and to the left, or where the picture has room. */
	#beside(spot: Spot, radius: number): Spot {
		const off = radius * Math.SQRT1_2 + this.badge * 0.9;
		for (const [right, down] of [
			[-1, -1],
			[1, -1],
			[-1, 1],
		] as const) {
			const there = { x: spot.x + right * off, y: spot.y + down * off };
			const here = this.inside(there, this.badge);
			if (here.x === there.x && here.y === there.y) return there;
		}
		return { x: spot.x + off, y: spot.y + off };
	}

	#spot([x, y]: readonly [number, number]): Spot {
		return toSpot(this.#placement, this.#picture, [x, y]);
	}
}

interface Disc extends Spot {
	radius: number;
}

/** The same curve as `#bent`, in steps small enough that the width does not jump. */
function brushed(spots: readonly Spot[], radius: (at: number) => number): Disc[] {
	const discs: Disc[] = spots.slice(0, 1).map((spot) => ({ ...spot, radius: radius(0) }));
	for (let at = 1; at < spots.length; at += 1) {
		const [spot, next] = [spots[at] as Spot, spots[at + 1]];
		const from = discs.at(-1) as Disc;
		const to =
			next === undefined
				? { ...spot, radius: radius(at) }
				: { ...halfway(spot, next), radius: (radius(at) + radius(at + 1)) / 2 };
		const steps = Math.ceil(
			Math.min(
				BRUSH_STEPS_MAX,
				1 + Math.abs(to.radius - from.radius) + Math.hypot(to.x - from.x, to.y - from.y) / BRUSH_STEP,
			),
		);
		for (let step = 1; step <= steps; step += 1) {
			const [t, u] = [step / steps, 1 - step / steps];
			discs.push({
				x: u * u * from.x + 2 * u * t * spot.x + t * t * to.x,
				y: u * u * from.y + 2 * u * t * spot.y + t * t * to.y,
				radius: u * from.radius + t * to.radius,
			});
		}
	}
	return discs;
}

function halfway(a: Spot, b: Spot): Spot {
	return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Clamps a value; centres it when the range is empty. */
function within(value: number, least: number, most: number): number {
	return least > most ? (least + most) / 2 : Math.min(most, Math.max(least, value));
}

/** Shares of the picture's longer side, and the least in CSS pixels. */
const WIDTH = 0.005;
const WIDTH_LEAST = 2.5;
const TEXT = 0.026;
const TEXT_LEAST = 14;
const STEP = 0.016;
const STEP_LEAST = 11;
/** Steps of a line of changing width in CSS pixels: along the line, and in width. */
const BRUSH_STEP = 6;
const BRUSH_STEPS_MAX = 16;
const WIDTH_STEP = 0.2;
