// Lines and shapes, while they are drawn and when they are finished.

import { type Ink, LINE_POINTS_MAX, type Point } from "../wire/generated";
import { FAR } from "./geometry";

/** A freehand line. */
export class Pen {
	readonly #line: number[] = [];
	readonly #pressure: number[] = [];

	/**
	 * `pressure` is 0..255, or null for a device without it. Coordinates are clamped and rounded.
	 */
	constructor(at: Point, pressure: number | null = null) {
		this.#push(at, pressure);
	}

	/** Adds points and their pressure. */
	add(points: readonly Point[], pressure: readonly number[] | null = null): void {
		for (const [at, point] of points.entries()) {
			if (this.#pressure.length < RAW_POINTS_MAX) this.#push(point, pressure?.[at] ?? null);
		}
	}

	/** All points so far as a flat list. Points are never removed. */
	get line(): number[] {
		return [...this.#line];
	}

	/** The line so far, to paint and to pass on. It may have more points than a finished one. */
	get ink(): Ink {
		return ink(this.line, [...this.#pressure]);
	}

	/** The line smoothed, and simplified to the points that a stroke may have. */
	finished(): Ink {
		const smooth = smoothed(this.#line);
		const keep = simplified(smooth, LINE_POINTS_MAX);
		return ink(
			keep.flatMap((at) => [Math.round(smooth[2 * at] ?? 0), Math.round(smooth[2 * at + 1] ?? 0)]),
			keep.map((at) => this.#pressure[at] ?? NO_PRESSURE),
		);
	}

	#push([x, y]: Point, pressure: number | null): void {
		const [cx, cy] = [clamped(x, FAR), clamped(y, FAR)];
		const last = this.#line.length - 2;
		// A resting finger repeats its position.
		if (last >= 0 && Math.hypot(cx - (this.#line[last] ?? 0), cy - (this.#line[last + 1] ?? 0)) < STEP_LEAST) return;
		this.#line.push(cx, cy);
		this.#pressure.push(pressure === null ? NO_PRESSURE : clamped(pressure, 255));
	}
}

/** An arrow, an ellipse or a box from its starting point to the finger. */
export class Shape {
	readonly #tool: "arrow" | "circle" | "box";
	readonly #from: Point;
	#to: Point;

	constructor(tool: "arrow" | "circle" | "box", at: Point) {
		this.#tool = tool;
		this.#from = [clamped(at[0], FAR), clamped(at[1], FAR)];
		this.#to = this.#from;
	}

	/** Only the last point counts. */
	add(points: readonly Point[]): void {
		const last = points.at(-1);
		if (last !== undefined) this.#to = [clamped(last[0], FAR), clamped(last[1], FAR)];
	}

	get ink(): Ink {
		return { tool: this.#tool, from: this.#from, to: this.#to };
	}

	finished(): Ink {
		return this.ink;
	}
}

/**
 * Returns the indices of the points to keep, so that every other lies within `tolerance` of the
 * simplified line. Both ends are kept (Ramer 1972, Douglas and Peucker 1973).
 */
export function outlined(line: readonly number[], tolerance: number): number[] {
	return ascending([...ends(line), ...corners(line, tolerance).map(({ at }) => at)]);
}

/** The points of a finished line; if there are too many, those that matter most. */
export function simplified(line: readonly number[], most: number): number[] {
	// A corner is never kept without the one it was found from: that one matters at least as much
	// and was found earlier, and sorting is stable.
	const found = corners(line, TOLERANCE).sort((a, b) => b.matters - a.matters);
	return ascending([...ends(line), ...found.slice(0, most - 2).map(({ at }) => at)]);
}

/** The points between the ends that deviate by more than `tolerance`, each with its deviation. */
function corners(line: readonly number[], tolerance: number): { at: number; matters: number }[] {
	const found: { at: number; matters: number }[] = [];
	// No recursion: a line may be long.
	const open: [from: number, to: number, matters: number][] = [[0, line.length / 2 - 1, Number.POSITIVE_INFINITY]];
	for (let part = open.pop(); part !== undefined; part = open.pop()) {
		const [from, to, above] = part;
		let furthest = -1;
		let most = tolerance;
		for (let at = from + 1; at < to; at += 1) {
			const off = offSegment(line, at, from, to);
			if (off > most) {
				most = off;
				furthest = at;
			}
		}
		if (furthest < 0) continue;
		const matters = Math.min(above, most);
		found.push({ at: furthest, matters });
		open.push([from, furthest, matters], [furthest, to, matters]);
	}
	return found;
}

function ends(line: readonly number[]): number[] {
	return line.length <= 2 ? [0] : [0, line.length / 2 - 1];
}

function ascending(points: number[]): number[] {
	return points.sort((a, b) => a - b);
}

/** Removes tremor: each point moves a little towards its neighbours; the ends stay. */
function smoothed(line: readonly number[]): number[] {
	const last = line.length - 2;
	return line.map((value, at) => {
		if (at < 2 || at >= last) return value;
		return ((line[at - 2] ?? value) + 2 * value + (line[at + 2] ?? value)) / 4;
	});
}

function offSegment(line: readonly number[], at: number, from: number, to: number): number {
	const [x, y] = [line[2 * at] ?? 0, line[2 * at + 1] ?? 0];
	const [ax, ay] = [line[2 * from] ?? 0, line[2 * from + 1] ?? 0];
	const [dx, dy] = [(line[2 * to] ?? 0) - ax, (line[2 * to + 1] ?? 0) - ay];
	const length = dx * dx + dy * dy;
	const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
	return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function ink(line: number[], pressure: number[]): Ink {
	// A device without pressure reports a constant: 0, a half or 1.
	const felt = pressure.some((one) => Math.abs(one - (pressure[0] ?? 0)) > 1);
	return felt ? { tool: "pen", line, pressure } : { tool: "pen", line };
}

function clamped(value: number, most: number): number {
	return Number.isNaN(value) ? 0 : Math.round(Math.min(most, Math.max(0, value)));
}

/** For devices without pressure: half, which paints the plain width. */
const NO_PRESSURE = 128;
/** Points closer than this count as one: half a thousandth of a side. */
const STEP_LEAST = 32;
/** The deviation of a finished line: 0.03 % of a side, below a pixel of a phone's screen. */
const TOLERANCE = 20;
/** A hand that never lifts must not fill the memory. */
const RAW_POINTS_MAX = 8_192;
