// Ink in progress: cut into messages, checked on arrival, put together again.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Growing } from "../src/ink/growing";
import { Pen, Shape } from "../src/ink/line";
import { decodePassing, encodePassing } from "../src/ink/passing";
import { Pieces } from "../src/ink/pieces";
import { standing } from "../src/session/boards";
import type { PictureView } from "../src/session/view";
import {
	CHANNEL_MESSAGE_BYTES_MAX,
	type Ink,
	LINE_PLACE_MAX,
	LINE_POINTS_MAX,
	type Passing,
	type Point,
	type EventKind,
} from "../src/wire/generated";
import { inOrder } from "./events";

const coordinate = fc.integer({ min: 0, max: 65_535 });
const point: fc.Arbitrary<Point> = fc.tuple(coordinate, coordinate);
const u32 = fc.integer({ min: 0, max: 4_294_967_295 });
const line = fc.array(point, { minLength: 1, maxLength: 40 }).map((points) => points.flat());

const passing: fc.Arbitrary<Passing> = fc.oneof(
	fc.record({ type: fc.constant("dropped" as const), picture: u32, mark: u32 }),
	fc.record({ type: fc.constant("compose" as const), picture: u32 }),
	fc.record({ type: fc.constant("pointer" as const) }),
	fc.record({ type: fc.constant("pointer" as const), at: point }),
	fc.record({ type: fc.constant("pointer" as const), picture: u32, at: point }),
	fc.record({
		type: fc.constant("ink" as const),
		picture: u32,
		mark: u32,
		step: u32,
		tool: fc.constantFrom("arrow" as const, "circle" as const, "box" as const),
		from: point,
		to: point,
	}),
	fc.record({
		type: fc.constant("ink" as const),
		picture: u32,
		mark: u32,
		step: u32,
		tool: fc.constant("pen" as const),
		start: fc.nat(LINE_PLACE_MAX),
		line,
	}),
	fc.record({
		type: fc.constant("ink" as const),
		picture: u32,
		mark: u32,
		step: u32,
		tool: fc.constant("pen" as const),
		start: fc.constant(3),
		line: fc.constant<number[]>([1, 2, 3, 4]),
		pressure: fc.constant<number[]>([0, 255]),
	}),
);

test("what is sent is what arrives", () => {
	fc.assert(
		fc.property(passing, (one) => {
			expect(decodePassing(encodePassing(one))).toEqual(one);
		}),
	);
});

const pen = { type: "ink", picture: 1, mark: 2, step: 3, tool: "pen", start: 0, line: [1, 2] };
const arrow = { type: "ink", picture: 1, mark: 2, step: 3, tool: "arrow", from: [1, 2], to: [3, 4] };

test("invalid messages are rejected", () => {
	const bad: unknown[] = [
		null,
		1,
		"ink",
		[],
		[pen],
		{},
		{ type: "ink" },
		{ type: "draw" },
		{ type: ["ink"] },
		{ ...pen, type: "Ink" },
		...[-1, 1.5, 4_294_967_296, "1", null, [1], {}, true, 1e308].flatMap((value) => [
			{ ...pen, picture: value },
			{ ...pen, mark: value },
			{ ...pen, step: value },
			{ ...pen, start: value },
			{ type: "dropped", picture: value, mark: 1 },
			{ type: "dropped", picture: 1, mark: value },
		]),
		...[-1, 1.5, 65_536, "1", null, [1], {}, true, 1e308].flatMap((value) => [
			{ ...pen, line: [1, value] },
			{ ...arrow, from: [value, 1] },
			{ ...arrow, to: [1, value] },
			{ type: "pointer", at: [value, 1] },
		]),
		{ ...pen, start: 4_096 },
		{ ...pen, line: [] },
		{ ...pen, line: [1] },
		{ ...pen, line: [1, 2, 3] },
		{ ...pen, line: "12" },
		{ ...pen, line: { 0: 1, 1: 2, length: 2 } },
		{ ...pen, line: Array.from({ length: 2 * LINE_POINTS_MAX + 2 }, () => 1) },
		{ ...pen, pressure: [] },
		{ ...pen, pressure: [256] },
		{ ...pen, pressure: [-1] },
		{ ...pen, pressure: [0.5] },
		{ ...pen, pressure: "1" },
		{ ...pen, pressure: Array.from({ length: LINE_POINTS_MAX + 1 }, () => 1) },
		{ ...pen, tool: "text" },
		{ ...pen, tool: "step" },
		{ ...pen, tool: "__proto__" },
		{ ...pen, tool: undefined },
		{ ...arrow, from: [1] },
		{ ...arrow, from: [1, 2, 3] },
		{ ...arrow, from: { 0: 1, 1: 2 } },
		{ ...arrow, to: undefined },
		{ type: "pointer", picture: -1 },
		{ type: "pointer", picture: "1" },
		{ type: "pointer", at: [] },
		{ type: "pointer", at: "11" },
	];
	for (const one of bad) expect(decodePassing(JSON.stringify(one)), JSON.stringify(one)).toBeNull();
});

test("invalid texts are rejected", () => {
	const texts = [
		"",
		" ",
		"{",
		"NaN",
		"undefined",
		'{"type":"pointer","at":[NaN,1]}',
		'{"type":"pointer","at":[1e999,1]}',
		"\u0000",
		"{}{}",
		'{"type":"pointer","at":[-0,1]}',
		"[".repeat(16_000),
		`{"a":${"[".repeat(8_000)}${"]".repeat(8_000)}}`,
		'{"__proto__":{"type":"dropped","picture":1,"mark":1}}',
		'{"constructor":{"prototype":{"type":"dropped"}},"picture":1,"mark":1}',
		JSON.stringify({ ...pen, more: "x".repeat(CHANNEL_MESSAGE_BYTES_MAX) }),
	];
	for (const text of texts) expect(decodePassing(text), text.slice(0, 40)).toBeNull();
	expect(decodePassing(undefined as unknown as string)).toBeNull();
});

test("what is not known is left out, and a list of pressure that does not fit is ignored", () => {
	const more = `{"type":"ink","picture":1,"mark":2,"step":3,"tool":"pen","start":0,"line":[1,2],"pressure":[1,2],"text":"x","__proto__":{"a":1}}`;
	const heard = decodePassing(more);
	expect(heard).toEqual(pen);
	expect(Object.keys(heard ?? {}).sort()).toEqual(Object.keys(pen).sort());
	expect(Object.getPrototypeOf(heard)).toBe(Object.prototype);
	expect(decodePassing('{"type":"pointer","picture":null,"at":null,"x":1}')).toEqual({ type: "pointer" });
});

test("no text makes it throw", () => {
	fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => void decodePassing(text)));
	// One thing wrong in something right.
	fc.assert(
		fc.property(passing, fc.nat(), fc.jsonValue(), (one, at, value) => {
			const keys = Object.keys(one);
			const heard = decodePassing(JSON.stringify({ ...one, [keys[at % keys.length] ?? ""]: value }));
			if (heard !== null) expect(decodePassing(encodePassing(heard))).toEqual(heard);
		}),
	);
});

test("pieces repeat the last eight points, count their steps and stay within a message", () => {
	const drawn = new Pen([0, 0], null);
	const pieces = new Pieces(4, 7, drawn);
	expect(pieces.take()).toEqual({ type: "ink", picture: 4, mark: 7, step: 0, tool: "pen", start: 0, line: [0, 0] });
	expect(pieces.take()).toBeNull();
	drawn.add(Array.from({ length: 20 }, (_, at): Point => [at * 100 + 100, 0]));
	expect(pieces.take()).toMatchObject({ step: 1, start: 0 });
	drawn.add([[5_000, 5_000]]);
	const third = pieces.take();
	expect(third).toMatchObject({ step: 2, start: 13 });
	expect(third?.type === "ink" && third.tool === "pen" ? third.line.length / 2 : 0).toBe(9);
	drawn.add(Array.from({ length: 6_000 }, (_, at): Point => [(at % 2) * 60_000, at * 10]));
	let last = 0;
	for (let more = pieces.take(); more !== null; more = pieces.take()) {
		expect(encodePassing(more).length).toBeLessThan(CHANNEL_MESSAGE_BYTES_MAX);
		expect(decodePassing(encodePassing(more))).toEqual(more);
		if (more.type === "ink" && more.tool === "pen") last = more.start + more.line.length / 2 - 1;
	}
	expect(last).toBe(LINE_PLACE_MAX);
	expect(pieces.dropped()).toEqual({ type: "dropped", picture: 4, mark: 7 });
});

test("a shape is passed on when it changed", () => {
	const shape = new Shape("circle", [1, 1]);
	const pieces = new Pieces(4, 7, shape);
	expect(pieces.take()).toMatchObject({ step: 0, to: [1, 1] });
	expect(pieces.take()).toBeNull();
	shape.add([
		[5, 5],
		[9, 9],
	]);
	expect(pieces.take()).toMatchObject({ step: 1, from: [1, 1], to: [9, 9] });
});

function growing(...all: Passing[]): Growing {
	const one = new Growing();
	for (const piece of all) one.take(piece, 0);
	return one;
}

const piece = (mark: number, step: number, start: number, ...coordinates: number[]): Passing => ({
	type: "ink",
	picture: 1,
	mark,
	step,
	tool: "pen",
	start,
	line: coordinates,
});

test("a hole in a line is bridged, and filled by what comes late", () => {
	const one = growing(piece(1, 0, 0, 10, 10), piece(1, 2, 5, 50, 50));
	expect(one.shown(1)).toEqual([{ mark: 1, ink: { tool: "pen", line: [10, 10, 50, 50] } }]);
	one.take(piece(1, 1, 1, 20, 20, 30, 30), 0);
	expect(one.shown(1)[0]?.ink).toEqual({ tool: "pen", line: [10, 10, 20, 20, 30, 30, 50, 50] });
});

test("the newest step of a shape wins", () => {
	const box = (step: number, to: Point): Passing => ({
		type: "ink",
		picture: 1,
		mark: 1,
		step,
		tool: "box",
		from: [0, 0],
		to,
	});
	expect(growing(box(2, [9, 9]), box(1, [5, 5])).shown(1)).toEqual([
		{ mark: 1, ink: { tool: "box", from: [0, 0], to: [9, 9] } },
	]);
});

test("messages after the end are ignored", () => {
	const one = growing(piece(1, 0, 0, 10, 10), piece(2, 0, 0, 10, 10));
	expect(one.finished(1, 1)).toBe(true);
	expect(one.take(piece(1, 1, 1, 20, 20), 0)).toBe(false);
	expect(one.take({ type: "dropped", picture: 1, mark: 2 }, 0)).toBe(true);
	expect(one.take(piece(2, 1, 1, 20, 20), 0)).toBe(false);
	expect(one.shown(1)).toEqual([]);
	// Another picture's stroke may have the same mark.
	expect(one.take({ ...piece(1, 0, 0, 1, 1), picture: 2 } as Passing, 0)).toBe(true);
});

test("an unfinished stroke ends after ten silent seconds", () => {
	const one = new Growing();
	one.take(piece(1, 0, 0, 10, 10), 1_000);
	one.take(piece(1, 1, 0, 10, 10, 20, 20), 5_000);
	expect(one.expire(14_999)).toBe(15_000);
	expect(one.shown(1)).toHaveLength(1);
	expect(one.expire(15_000)).toBeNull();
	expect(one.shown(1)).toEqual([]);
});

test("strokes in progress and forgotten ones are limited", () => {
	const one = new Growing();
	for (let mark = 0; mark < 2_000; mark += 1) {
		one.take(piece(mark, 0, LINE_PLACE_MAX, 1, 1, 2, 2), mark);
		one.finished(9, mark);
	}
	expect(one.shown(1).map(({ mark }) => mark)).toEqual(Array.from({ length: 16 }, (_, at) => 1_984 + at));
	expect(one.shown(1)[0]?.ink).toEqual({ tool: "pen", line: [1, 1] });
});

test("an unchanged list is the same object", () => {
	const one = growing(piece(1, 0, 0, 10, 10), piece(2, 0, 0, 10, 10));
	const before = one.shown(1);
	expect(one.take(piece(1, 0, 0, 10, 10), 0)).toBe(false);
	expect(one.expire(1)).toBe(10_000);
	expect(one.shown(1)).toBe(before);
	one.take(piece(1, 1, 1, 20, 20), 0);
	expect(one.shown(1)[1]).toBe(before[1]);
});

/** What a hand does with one drawing. */
const hand = fc.record({
	mark: fc.nat(1_000_000),
	tool: fc.constantFrom("pen" as const, "pen" as const, "arrow" as const, "circle" as const, "box" as const),
	bursts: fc.array(fc.array(point, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 12 }),
	felt: fc.boolean(),
	finished: fc.boolean(),
});

test("any order, repetition and loss of pieces ends in the picture that the log tells", () => {
	const cases = fc.uniqueArray(hand, { selector: ({ mark }) => mark, minLength: 1, maxLength: 5 }).chain((hands) => {
		const sent: Passing[] = [];
		const ended: { mark: number; ink: Ink }[] = [];
		for (const { mark, tool, bursts, felt, finished } of hands) {
			const start = bursts[0]?.[0] as Point;
			const drawing = tool === "pen" ? new Pen(start, felt ? 1 : null) : new Shape(tool, start);
			const pieces = new Pieces(1, mark, drawing);
			for (const burst of bursts) {
				if (drawing instanceof Pen) drawing.add(burst, felt ? burst.map(([x]) => x % 256) : null);
				else drawing.add(burst);
				const one = pieces.take();
				if (one !== null) sent.push(one);
			}
			if (finished) ended.push({ mark, ink: drawing.finished() });
			else sent.push(pieces.dropped());
		}
		const deliveries =
			sent.length === 0 ? fc.constant<number[]>([]) : fc.array(fc.nat(sent.length - 1), { maxLength: 3 * sent.length });
		return fc.record({
			hands: fc.constant(hands),
			sent: fc.constant(sent),
			ended: fc.constant(ended),
			early: deliveries,
			late: deliveries,
			order: fc.shuffledSubarray(ended, { minLength: ended.length }),
		});
	});
	fc.assert(
		fc.property(cases, ({ hands, sent, ended, early, late, order }) => {
			const asked: EventKind = { type: "capture_asked", seat: "agent" };
			const told = order.map(
				({ mark, ink }): EventKind => ({ type: "drawn", seat: "customer", picture: 1, stroke: { mark, ...ink } }),
			);
			const log = inOrder([asked, ...told].map((what, at) => ({ seq: at + 1, at_ms: 1, ...what })) as never);
			const screens = [early, late].map((deliveries, which) => {
				const one = new Growing();
				for (const at of deliveries) {
					one.take(decodePassing(encodePassing(sent[at] as Passing)) as Passing, 0);
					for (const { ink } of one.shown(1)) {
						if (ink.tool === "pen") expect(ink.line.length % 2).toBe(0);
						if (ink.tool === "pen" && ink.pressure !== undefined)
							expect(ink.pressure).toHaveLength(ink.line.length / 2);
					}
				}
				for (const { mark } of ended) one.finished(1, mark);
				// One of the two hears everything once more, after the end.
				if (which === 1) for (const passed of sent) one.take(passed, 1);
				for (const { mark, finished } of hands) if (!finished && which === 0) one.drop(1, mark);
				return [...standing(log.pictures[0] as PictureView).map(({ mark, ink }) => ({ mark, ink })), ...one.shown(1)];
			});
			expect(screens[0]).toEqual(screens[1]);
			expect(screens[0]).toEqual(order);
		}),
		{ numRuns: 300 },
	);
});

test("with nothing lost the stroke in progress is what the hand has drawn, in whatever order it comes", () => {
	fc.assert(
		fc.property(
			fc.array(fc.array(point, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 10 }),
			fc.nat(),
			(bursts, seed) => {
				const drawn = new Pen([0, 0], null);
				const pieces = new Pieces(1, 1, drawn);
				const sent: Passing[] = [];
				for (const burst of bursts) {
					drawn.add(burst);
					const one = pieces.take();
					if (one !== null) sent.push(one);
				}
				const order = sent.map((one, at) => [one, (at * 7_919 + seed) % 97] as const).sort(([, a], [, b]) => a - b);
				expect(growing(...order.map(([one]) => one)).shown(1)).toEqual([{ mark: 1, ink: drawn.ink }]);
			},
		),
	);
});
