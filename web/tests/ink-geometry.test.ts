// A place on the picture stays where it was drawn, whatever box it is looked at in.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
	contain,
	cover,
	FAR,
	isOn,
	type Placement,
	type Size,
	type Spot,
	toPicture,
	toSpot,
} from "../src/ink/geometry";
import { NO_ZOOM, panned, pinched, placed, ZOOM_MAX, type Zoom, zoomedAt } from "../src/ink/zoom";
import type { Point } from "../src/wire/generated";

const side = fc.integer({ min: 17, max: 4_032 });
const picture: fc.Arbitrary<Size> = fc.oneof(
	fc.record({ width: side, height: side }),
	fc.constantFrom(
		{ width: 1_920, height: 1_080 },
		{ width: 1_080, height: 1_920 },
		{ width: 4_000, height: 3_000 },
		{ width: 1_281, height: 717 },
	),
);
/**
 * CSS pixels are broken numbers where a page is zoomed or a screen has 1.5, 2.625 or 3 device
 * pixels to one.
 */
const length = fc.oneof(fc.integer({ min: 120, max: 2_560 }), fc.double({ min: 120, max: 2_560, noNaN: true }));
const box: fc.Arbitrary<Size> = fc.record({ width: length, height: length });
const coordinate = fc.integer({ min: 0, max: FAR });
const point: fc.Arbitrary<Point> = fc.tuple(coordinate, coordinate);
const part = fc.double({ min: 0, max: 1, noNaN: true });
const factor = fc.double({ min: 1, max: ZOOM_MAX, noNaN: true });
const zoom: fc.Arbitrary<Zoom> = fc.record({ factor, x: part, y: part });
const spot = (of: Size): fc.Arbitrary<Spot> =>
	fc.tuple(part, part).map(([x, y]) => ({ x: x * of.width, y: y * of.height }));

function near(a: Spot, b: Spot): void {
	expect(a.x).toBeCloseTo(b.x, 4);
	expect(a.y).toBeCloseTo(b.y, 4);
}

/** No gap that the whole picture would not show. */
function fits({ scale, x, y }: Placement, of: Size, within: Size): void {
	for (const [start, extent, room] of [
		[x, of.width * scale, within.width],
		[y, of.height * scale, within.height],
	] as const) {
		if (extent <= room + 1e-6) expect(start).toBeCloseTo((room - extent) / 2, 5);
		else {
			expect(start).toBeLessThanOrEqual(1e-6);
			expect(start + extent).toBeGreaterThanOrEqual(room - 1e-6);
		}
	}
}

test("the corners: 0 is the near edge of the first pixel, 65535 the far edge of the last", () => {
	const of = { width: 1_920, height: 1_080 };
	const placement = contain(of, { width: 400, height: 800 });
	expect(placement).toEqual({ scale: 400 / 1_920, x: 0, y: (800 - 225) / 2 });
	expect(toSpot(placement, of, [0, 0])).toEqual({ x: 0, y: 287.5 });
	expect(toSpot(placement, of, [FAR, FAR])).toEqual({ x: 400, y: 512.5 });
	expect(toPicture(placement, of, { x: 400, y: 512.5 })).toEqual([FAR, FAR]);
	expect(toPicture(placement, of, { x: -50, y: 5_000 })).toEqual([0, FAR]);
	expect(isOn(placement, of, { x: 1, y: 287 })).toBe(false);
	expect(isOn(placement, of, { x: 1, y: 288 })).toBe(true);
	expect(cover(of, { width: 400, height: 800 })).toEqual({
		scale: 800 / 1_080,
		x: (400 - (1_920 * 800) / 1_080) / 2,
		y: 0,
	});
});

test("what is touched on one screen is seen on the other at the same place of the picture", () => {
	const cases = fc.record({
		of: picture,
		mine: box,
		yours: box,
		my: zoom,
		your: zoom,
		turned: fc.boolean(),
		part: fc.tuple(part, part),
	});
	fc.assert(
		fc.property(cases, ({ of, mine, yours, my, your, turned, part: [u, v] }) => {
			const here = placed(of, mine, my);
			const other = turned ? { width: yours.height, height: yours.width } : yours;
			const there = placed(of, other, your);
			// A feature of the picture, as a part of its sides; the finger is exactly on it.
			const finger = {
				x: here.x + u * of.width * here.scale,
				y: here.y + v * of.height * here.scale,
			};
			if (Math.min(u, v, 1 - u, 1 - v) > 1e-6) expect(isOn(here, of, finger)).toBe(true);
			const seen = toSpot(there, of, toPicture(here, of, finger));
			const off = {
				x: (seen.x - there.x) / (of.width * there.scale) - u,
				y: (seen.y - there.y) / (of.height * there.scale) - v,
			};
			expect(Math.abs(off.x)).toBeLessThan(1 / 1_000);
			expect(Math.abs(off.y)).toBeLessThan(1 / 1_000);
			// Within half a step of the coordinates, in fact.
			expect(Math.max(Math.abs(off.x), Math.abs(off.y))).toBeLessThanOrEqual(0.501 / FAR);
		}),
		{ numRuns: 2_000 },
	);
});

test("a place survives any number of looks at it", () => {
	fc.assert(
		fc.property(picture, fc.array(fc.tuple(box, zoom), { minLength: 1, maxLength: 6 }), point, (of, looks, at) => {
			let now = at;
			for (const [within, how] of looks) {
				const placement = placed(of, within, how);
				now = toPicture(placement, of, toSpot(placement, of, now));
			}
			expect(now).toEqual(at);
		}),
	);
});

test("however it is zoomed, pinched and pushed, the picture stays in its box and the zoom within its bounds", () => {
	const gestures = box.chain((within) =>
		fc.tuple(
			fc.constant(within),
			picture,
			fc.array(
				fc.oneof(
					fc.record({
						kind: fc.constant("pinch" as const),
						at: fc.array(spot(within), { minLength: 4, maxLength: 4 }),
					}),
					fc.record({
						kind: fc.constant("pan" as const),
						dx: fc.double({ min: -9e3, max: 9e3, noNaN: true }),
						dy: fc.double({ min: -9e3, max: 9e3, noNaN: true }),
					}),
					fc.record({
						kind: fc.constant("zoom" as const),
						at: spot(within),
						by: fc.double({ min: 0, max: 20, noNaN: true }),
					}),
					fc.constant({ kind: "turn" as const }),
				),
				{ maxLength: 12 },
			),
		),
	);
	fc.assert(
		fc.property(gestures, ([begun, of, all]) => {
			let within = begun;
			let now = NO_ZOOM;
			for (const one of all) {
				if (one.kind === "turn") within = { width: within.height, height: within.width };
				else if (one.kind === "pan") now = panned(now, of, within, one.dx, one.dy);
				else if (one.kind === "zoom") now = zoomedAt(now, of, within, one.at, one.by);
				else {
					const [a, b, c, d] = one.at as [Spot, Spot, Spot, Spot];
					now = pinched(now, of, within, [a, b], [c, d]);
				}
				expect(now.factor).toBeGreaterThanOrEqual(1);
				expect(now.factor).toBeLessThanOrEqual(ZOOM_MAX);
				fits(placed(of, within, now), of, within);
			}
		}),
	);
});

test("pinching keeps the picture under both fingers", () => {
	const of = { width: 1_600, height: 1_200 };
	const within = { width: 800, height: 600 };
	const cases = fc.record({
		u: fc.double({ min: 0.45, max: 0.55, noNaN: true }),
		v: fc.double({ min: 0.45, max: 0.55, noNaN: true }),
		dx: fc.double({ min: -20, max: 20, noNaN: true }),
		grown: fc.double({ min: 1.2, max: 1.8, noNaN: true }),
	});
	fc.assert(
		fc.property(cases, ({ u, v, dx, grown }) => {
			// Far enough in that nothing is held by an edge.
			const begun = zoomedAt(NO_ZOOM, of, within, { x: 400, y: 300 }, 4);
			const [x, y] = [800 * u, 600 * v];
			const before: [Spot, Spot] = [
				{ x: x - 60, y: y - 40 },
				{ x: x + 60, y: y + 40 },
			];
			const after: [Spot, Spot] = [
				{ x: x + dx - 60 * grown, y: y - dx - 40 * grown },
				{ x: x + dx + 60 * grown, y: y - dx + 40 * grown },
			];
			const from = placed(of, within, begun);
			const to = placed(of, within, pinched(begun, of, within, before, after));
			for (const finger of [0, 1] as const) {
				const under = { x: (before[finger].x - from.x) / from.scale, y: (before[finger].y - from.y) / from.scale };
				near({ x: under.x * to.scale + to.x, y: under.y * to.scale + to.y }, after[finger]);
			}
		}),
	);
});

test("zooming at a spot keeps what is there, and back out again everything is as before", () => {
	const of = { width: 1_920, height: 1_080 };
	const within = { width: 390, height: 700 };
	const at = { x: 300, y: 350 };
	const inside = zoomedAt(NO_ZOOM, of, within, at, 6);
	// One step of the coordinates is a fifteenth of a pixel of this screen then.
	const there = toSpot(placed(of, within, inside), of, toPicture(contain(of, within), of, at));
	expect(Math.hypot(there.x - at.x, there.y - at.y)).toBeLessThan(0.1);
	expect(placed(of, within, zoomedAt(inside, of, within, at, 1 / 6))).toEqual(contain(of, within));
});

test("turning the phone keeps the middle of what was looked at", () => {
	const of = { width: 1_500, height: 1_500 };
	const looked = panned(
		zoomedAt(NO_ZOOM, of, { width: 400, height: 800 }, { x: 200, y: 400 }, 6),
		of,
		{ width: 400, height: 800 },
		-90,
		70,
	);
	const upright = toPicture(placed(of, { width: 400, height: 800 }, looked), of, { x: 200, y: 400 });
	const lying = toPicture(placed(of, { width: 800, height: 400 }, looked), of, { x: 400, y: 200 });
	expect(lying).toEqual(upright);
});

test("boxes without a size give no broken numbers", () => {
	const none = { width: 0, height: 0 };
	for (const [of, within] of [
		[none, none],
		[{ width: 10, height: 10 }, none],
		[none, { width: 10, height: 10 }],
	] as const) {
		for (const placement of [contain(of, within), cover(of, within), placed(of, within, NO_ZOOM)]) {
			expect(Object.values(placement).every(Number.isFinite)).toBe(true);
			expect(toPicture(placement, of, { x: 3, y: 3 }).every(Number.isInteger)).toBe(true);
			expect(Object.values(toSpot(placement, of, [9, 9])).every(Number.isFinite)).toBe(true);
		}
		expect(
			pinched(
				NO_ZOOM,
				of,
				within,
				[
					{ x: 0, y: 0 },
					{ x: 0, y: 0 },
				],
				[
					{ x: 1, y: 0 },
					{ x: 0, y: 0 },
				],
			),
		).toEqual(NO_ZOOM);
	}
});
