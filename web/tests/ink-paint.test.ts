// What is put onto the paper, written down instead of painted.

import fc from "fast-check";
import { expect, test } from "vitest";
import { COLOURS, initialsOf, OUTLINE } from "../src/ink/colours";
import { composeOnto, type ImagePaper } from "../src/ink/compose";
import { contain, type Size } from "../src/ink/geometry";
import { placed } from "../src/ink/zoom";
import { type Paintable, paint } from "../src/ink/paint";
import { paintStamp } from "../src/ink/paint-stamp";
import { stampText } from "../src/ink/stamp";
import { SEATS } from "../src/wire/seats";
import { type Ink, LABEL_TEXT_MAX, type Point, type Seat } from "../src/wire/generated";

interface Mark {
	what: string;
	with: unknown[];
	style: string;
	width: number;
	font: string;
}

/** A paper that remembers; nothing broken may ever be put on it. */
function recorder(): { paper: ImagePaper; marks: Mark[] } {
	const marks: Mark[] = [];
	const set: Record<string, unknown> = { lineWidth: 1, fillStyle: "", strokeStyle: "", font: "10px x" };
	const paper = new Proxy(set, {
		get(_, name: string) {
			if (name in set) return set[name];
			return (...args: unknown[]) => {
				for (const one of args)
					if (typeof one === "number" && !Number.isFinite(one)) throw new Error(`${name}(${args.join()})`);
				// As a real one: these refuse what is below zero.
				if (
					(name === "arc" && (args[2] as number) < 0) ||
					(name === "ellipse" && Math.min(args[2] as number, args[3] as number) < 0)
				) {
					throw new Error(`${name}(${args.join()})`);
				}
				if (name === "measureText")
					return { width: `${args[0]}`.length * 0.6 * Number(/([\d.]+)px/.exec(`${set.font}`)?.[1]) };
				const style = name.startsWith("stroke") ? set.strokeStyle : set.fillStyle;
				return marks.push({
					what: name,
					with: args,
					style: `${style}`,
					width: Number(set.lineWidth),
					font: `${set.font}`,
				});
			};
		},
		set(_, name: string, value: unknown) {
			if (typeof value === "number" && !(Number.isFinite(value) && value > 0)) throw new Error(`${name} = ${value}`);
			set[name] = value;
			return true;
		},
	});
	return { paper: paper as unknown as ImagePaper, marks };
}

const coordinate = fc.integer({ min: 0, max: 65_535 });
const point: fc.Arbitrary<Point> = fc.tuple(coordinate, coordinate);
const ink: fc.Arbitrary<Ink> = fc.oneof(
	fc.array(point, { minLength: 1, maxLength: 20 }).map((points): Ink => ({ tool: "pen", line: points.flat() })),
	fc
		.array(fc.tuple(point, fc.nat(255)), { minLength: 1, maxLength: 20 })
		.map(
			(points): Ink => ({ tool: "pen", line: points.flatMap(([at]) => at), pressure: points.map(([, felt]) => felt) }),
		),
	fc.record({ tool: fc.constantFrom("arrow" as const, "circle" as const, "box" as const), from: point, to: point }),
	point.map((at): Ink => ({ tool: "arrow", from: at, to: at })),
	point.map((at): Ink => ({ tool: "circle", from: at, to: at })),
	fc.record({
		tool: fc.constant("text" as const),
		at: point,
		text: fc.string({ minLength: 1, maxLength: LABEL_TEXT_MAX }),
	}),
	fc.record({ tool: fc.constant("step" as const), at: point, number: fc.integer({ min: 1, max: 99 }) }),
);
const seat = fc.constantFrom(...SEATS);
const strokes = fc.array(fc.record({ seat, ink, mark: fc.nat() }), { maxLength: 12 });
const size: fc.Arbitrary<Size> = fc.record({
	width: fc.integer({ min: 1, max: 4_000 }),
	height: fc.integer({ min: 1, max: 4_000 }),
});
const WHO = { agent: "M", customer: "J" };
const HD = { width: 1_920, height: 1_080 };
const FULL = { scale: 1, x: 0, y: 0 };

function painted(...all: Paintable[]): Mark[] {
	const { paper, marks } = recorder();
	paint(paper, all, FULL, HD, WHO);
	return marks;
}

const one = (what: Ink, whose: Seat = "customer"): Paintable => ({ seat: whose, ink: what, mark: 1 });

const wordsOf = (what: Ink): string[] => {
	if (what.tool === "text") return [what.text];
	return what.tool === "step" ? [`${what.number}`] : [];
};

test("nothing broken is ever painted, and every stroke carries its author's initial", () => {
	const zoom = fc.record({
		factor: fc.double({ min: 1, max: 8, noNaN: true }),
		x: fc.double({ min: 0, max: 1, noNaN: true }),
		y: fc.double({ min: 0, max: 1, noNaN: true }),
	});
	fc.assert(
		fc.property(strokes, size, size, zoom, (all, picture, box, how) => {
			const { paper, marks } = recorder();
			paint(paper, all, placed(picture, box, how), picture, WHO);
			// Numbers of steps and words in text are written, too: the badges' letters are what the
			// last mark of a stroke is.
			const written = marks.filter(({ what }) => what === "fillText").map((mark) => mark.with[0]);
			const expected = all.flatMap((stroke) => [...wordsOf(stroke.ink), WHO[stroke.seat]]);
			expect(written).toEqual(expected);
			expect(marks.filter(({ what }) => what === "save")).toHaveLength(
				marks.filter(({ what }) => what === "restore").length,
			);
		}),
		{ numRuns: 400 },
	);
});

test("a box without a size, and a tool of a newer page, are passed over", () => {
	const { paper, marks } = recorder();
	paint(paper, [one({ tool: "step", at: [1, 1], number: 1 })], contain(HD, { width: 0, height: 0 }), HD, WHO);
	expect(marks).toEqual([]);
	expect(painted(one({ tool: "star" } as unknown as Ink)).map(({ what }) => what)).toEqual(["save", "restore"]);
});

test("each line is dark below and wider than its colour above", () => {
	for (const whose of SEATS) {
		const lines = painted(one({ tool: "arrow", from: [0, 0], to: [60_000, 60_000] }, whose)).filter(
			({ what }) => what === "stroke",
		);
		expect(lines.map(({ style }) => style)).toEqual([OUTLINE, COLOURS[whose]]);
		expect(lines[0]?.width).toBeGreaterThan(lines[1]?.width as number);
		// Half a hundredth of the longer side.
		expect(lines[1]?.width).toBeCloseTo(9.6);
	}
	expect(COLOURS).toEqual({ customer: "#FFC52E", agent: "#00DCE9" });
});

test("on a small screen a line stays wide enough to be seen", () => {
	const { paper, marks } = recorder();
	paint(paper, [one({ tool: "pen", line: [0, 0, 9, 9] })], contain(HD, { width: 320, height: 500 }), HD, WHO);
	expect(marks.filter(({ what }) => what === "stroke").at(-1)?.width).toBe(2.5);
});

test("how hard a pen pressed is how wide its line is", () => {
	const pen: Ink = { tool: "pen", line: [0, 0, 10_000, 0, 20_000, 0], pressure: [0, 0, 255] };
	const upper = painted(one(pen))
		.filter(({ what, style }) => what === "stroke" && style === COLOURS.customer)
		.map(({ width }) => width);
	const plain_width = 0.005 * HD.width;
	expect(upper.length).toBeGreaterThan(10);
	expect(Math.abs((upper[0] ?? 0) - 0.5 * plain_width)).toBeLessThan(0.5);
	expect(Math.abs((upper.at(-1) ?? 0) - 1.5 * plain_width)).toBeLessThan(0.5);
	expect(upper.every((width, at) => at === 0 || width - (upper[at - 1] ?? 0) <= 1.5)).toBe(true);
	// Of another length than the line it is ignored.
	const { pressure: _, ...plain } = pen;
	expect(painted(one({ ...plain, pressure: [1] } as Ink))).toEqual(painted(one(plain as Ink)));
});

test("badges show the author without colour and letter: the agent's is square, the customer's round", () => {
	const badge = (whose: Seat): string[] => {
		const marks = painted(one({ tool: "arrow", from: [9_000, 9_000], to: [60_000, 60_000] }, whose));
		return marks.slice(marks.findLastIndex(({ what }) => what === "stroke")).map(({ what }) => what);
	};
	expect(badge("agent")).toContain("rect");
	expect(badge("agent")).not.toContain("arc");
	expect(badge("customer")).toContain("arc");
	expect(badge("customer")).not.toContain("rect");
});

test("a badge stays on the picture", () => {
	fc.assert(
		fc.property(ink, seat, (what, whose) => {
			const letter = painted(one(what, whose)).findLast((mark) => mark.what === "fillText");
			const [x, y] = (letter as Mark).with.slice(1) as [number, number];
			const radius = 0.0085 * HD.width - 0.001;
			expect(x).toBeGreaterThanOrEqual(radius);
			expect(y).toBeGreaterThanOrEqual(radius);
			expect(x).toBeLessThanOrEqual(HD.width - radius);
			expect(y).toBeLessThanOrEqual(HD.height - radius);
		}),
	);
});

test("words near the right edge move to the left until they are on the picture", () => {
	const text = (at: Point): number => {
		const words = painted(one({ tool: "text", at, text: "turn this one" })).find(
			({ what }) => what === "fillText",
		) as Mark;
		return words.with[1] as number;
	};
	const height = 0.026 * HD.width;
	expect(text([65_535, 30_000]) + 13 * 0.6 * height).toBeCloseTo(HD.width - 0.15 * height);
	expect(text([0, 30_000])).toBeGreaterThan(0);
	expect(text([0, 30_000])).toBeLessThan(100);
});

test("initials are a letter or digit of the name, else of the seat", () => {
	expect(initialsOf({ agent: "  maria", customer: "Guest" })).toEqual({ agent: "M", customer: "G" });
	expect(initialsOf({ agent: null, customer: "" })).toEqual({ agent: "A", customer: "C" });
	expect(initialsOf({ agent: "(7) x", customer: "😀 é" })).toEqual({ agent: "7", customer: "É" });
	expect(initialsOf({ agent: "ßen", customer: "王" })).toEqual({ agent: "S", customer: "王" });
});

test("the time is the server's, as a clock in the customer's place shows it", () => {
	const at = Date.UTC(2026, 10, 22, 13, 5, 9, 999);
	expect(stampText(at, 60)).toBe("2026-11-22 14:05:09 +01:00");
	expect(stampText(at, 0)).toBe("2026-11-22 13:05:09 +00:00");
	expect(stampText(at, null)).toBe("2026-11-22 13:05:09 +00:00");
	expect(stampText(at, 14 * 60)).toBe("2026-11-23 03:05:09 +14:00");
	expect(stampText(at, -570)).toBe("2026-11-22 03:35:09 -09:30");
	expect(stampText(at, -1)).toBe("2026-11-22 13:04:09 -00:01");
	expect(stampText(Date.UTC(2028, 1, 28, 23, 30), 60)).toBe("2028-02-29 00:30:00 +01:00");
	expect(stampText(Date.UTC(2028, 2, 1, 0, 0), -60)).toBe("2028-02-29 23:00:00 -01:00");
});

test("the stamp is bottom left, white on dark, and never too small to read", () => {
	for (const [picture, height] of [
		[HD, 0.022 * 1_920],
		[{ width: 480, height: 360 }, 14],
	] as const) {
		const { paper, marks } = recorder();
		paintStamp(paper, picture, "2026-11-22 14:05:09 +01:00");
		const plate = marks.find(({ what }) => what === "fillRect") as Mark;
		const [x, y, width, tall] = plate.with as [number, number, number, number];
		const words = marks.find(({ what }) => what === "fillText") as Mark;
		expect(words.font).toContain(`${height}px`);
		expect(words.style).toBe("#FFFFFF");
		expect(x).toBeLessThan(20);
		expect(y + tall).toBeLessThanOrEqual(picture.height);
		expect(y + tall).toBeGreaterThan(picture.height - 20);
		expect(x + width).toBeLessThan(picture.width);
	}
});

test("what is sent is the base at full size, the strokes on it, the time on top", () => {
	const { paper, marks } = recorder();
	const base = {} as CanvasImageSource;
	composeOnto(paper, base, HD, [one({ tool: "step", at: [0, 0], number: 3 })], WHO, "2026-11-22 14:05:09 +01:00");
	expect(marks[0]).toMatchObject({ what: "drawImage", with: [base, 0, 0, 1_920, 1_080] });
	const written = marks.filter(({ what }) => what === "fillText").map((mark) => mark.with[0]);
	expect(written).toEqual(["3", "J", "2026-11-22 14:05:09 +01:00"]);
});
