// A hand's line: collected, smoothed, simplified.

import fc from "fast-check";
import { expect, test } from "vitest";
import { FAR } from "../src/ink/geometry";
import { outlined, Pen, Shape, simplified } from "../src/ink/line";
import { LINE_POINTS_MAX, type Point } from "../src/wire/generated";

const coordinate = fc.integer({ min: 0, max: FAR });
const point: fc.Arbitrary<Point> = fc.tuple(coordinate, coordinate);
const flat = (points: readonly Point[]): number[] => points.flat();

/** How far a point is from a polyline. */
function off([x, y]: Point, line: readonly Point[]): number {
	let least = Number.POSITIVE_INFINITY;
	for (let at = 0; at < line.length; at += 1) {
		const [ax, ay] = line[at] as Point;
		const [bx, by] = line[at + 1] ?? [ax, ay];
		const length = (bx - ax) ** 2 + (by - ay) ** 2;
		const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
		least = Math.min(least, Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)));
	}
	return least;
}

test("what is left out is within the tolerance, and the ends stay", () => {
	fc.assert(
		fc.property(
			fc.array(point, { minLength: 1, maxLength: 120 }),
			fc.integer({ min: 0, max: 20_000 }),
			(points, tolerance) => {
				const kept = outlined(flat(points), tolerance);
				expect(kept[0]).toBe(0);
				expect(kept.at(-1)).toBe(points.length - 1);
				const left = kept.map((at) => points[at] as Point);
				for (const one of points) expect(off(one, left)).toBeLessThanOrEqual(tolerance + 1e-6);
			},
		),
	);
});

test("no line is longer than a stroke may be, whatever a hand does", () => {
	fc.assert(
		fc.property(fc.array(point, { minLength: 1, maxLength: 3_000, size: "max" }), (points) => {
			const pen = new Pen(points[0] as Point, null);
			pen.add(points.slice(1));
			const ink = pen.finished();
			if (ink.tool !== "pen") throw new Error("not a pen");
			expect(ink.line.length % 2).toBe(0);
			expect(ink.line.length / 2).toBeGreaterThanOrEqual(1);
			expect(ink.line.length / 2).toBeLessThanOrEqual(LINE_POINTS_MAX);
			expect(ink.line.every((one) => Number.isInteger(one) && one >= 0 && one <= FAR)).toBe(true);
			expect(ink.pressure).toBeUndefined();
			expect(simplified(pen.line, LINE_POINTS_MAX).length).toBeLessThanOrEqual(LINE_POINTS_MAX);
		}),
		{ numRuns: 60 },
	);
});

test("a hand-drawn circle keeps its shape within a thousandth of a side and needs few points", () => {
	const points = Array.from({ length: 400 }, (_, at): Point => {
		const angle = (at / 399) * 2 * Math.PI;
		// A hand trembles a little.
		const radius = 15_000 + 25 * Math.sin(at * 1.9);
		return [Math.round(32_768 + radius * Math.cos(angle)), Math.round(32_768 + radius * Math.sin(angle))];
	});
	const pen = new Pen(points[0] as Point, null);
	for (const one of points.slice(1)) pen.add([one]);
	const ink = pen.finished();
	if (ink.tool !== "pen") throw new Error("not a pen");
	const left = Array.from(
		{ length: ink.line.length / 2 },
		(_, at): Point => [ink.line[2 * at] ?? 0, ink.line[2 * at + 1] ?? 0],
	);
	expect(left.length).toBeLessThan(120);
	for (const one of points) expect(off(one, left)).toBeLessThan(FAR / 1_000);
	expect(left[0]).toEqual(points[0]);
	expect(left.at(-1)).toEqual(points.at(-1));
});

test("a tap is a dot, and a finger at rest adds nothing", () => {
	const pen = new Pen([100, 200], null);
	expect(pen.finished()).toEqual({ tool: "pen", line: [100, 200] });
	pen.add([
		[100, 200],
		[101, 201],
		[100, 199],
	]);
	expect(pen.finished()).toEqual({ tool: "pen", line: [100, 200] });
});

test("pressure keeps step with the line, and a device without a sense of it has none", () => {
	const points = Array.from(
		{ length: 300 },
		(_, at): Point => [at * 200, Math.round(9_000 + 4_000 * Math.sin(at / 9))],
	);
	for (const value of [0, 127, 128, 255]) {
		const pen = new Pen(points[0] as Point, value);
		pen.add(
			points.slice(1),
			points.slice(1).map(() => value),
		);
		expect(pen.finished()).not.toHaveProperty("pressure");
	}
	const pen = new Pen(points[0] as Point, 0);
	pen.add(
		points.slice(1),
		points.slice(1).map((_, at) => at % 256),
	);
	const ink = pen.finished();
	if (ink.tool !== "pen" || ink.pressure === undefined) throw new Error("pressure is gone");
	expect(ink.pressure).toHaveLength(ink.line.length / 2);
	expect(ink.pressure.every((one) => Number.isInteger(one) && one >= 0 && one <= 255)).toBe(true);
});

test("places outside, between and nowhere are clamped and rounded", () => {
	const pen = new Pen([-5, 70_000], 300);
	pen.add(
		[
			[1_000.6, Number.NaN],
			[Number.POSITIVE_INFINITY, 3.2],
		],
		[Number.NaN, -4],
	);
	expect(pen.line).toEqual([0, FAR, 1_001, 0, FAR, 3]);
	const shape = new Shape("arrow", [-1, 2.4]);
	shape.add([
		[5, 5],
		[1e9, 8.6],
	]);
	expect(shape.finished()).toEqual({ tool: "arrow", from: [0, 2], to: [FAR, 9] });
});

test("what was handed out does not change when the hand goes on", () => {
	const pen = new Pen([0, 0], null);
	const before = pen.ink;
	pen.add([[5_000, 5_000]]);
	expect(before).toEqual({ tool: "pen", line: [0, 0] });
	expect(pen.ink).toEqual({ tool: "pen", line: [0, 0, 5_000, 5_000] });
});
