import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { BoardState, Shared } from "../../link/picture/contract";
import type { Ink, Point } from "../../wire/generated";
import { AgentHand } from "./hand";

function world(full = false) {
	const did: string[] = [];
	const inks: Ink[] = [];
	const shared = {
		board: signal({ full } as BoardState),
		draw(tool: string, at: Point) {
			if (full) return null;
			did.push(`draw ${tool} ${at}`);
			return {
				mark: 1,
				ink: signal(null),
				add: (points: readonly Point[]) => did.push(`add ${points.at(-1)}`),
				finish: () => did.push("finish"),
				drop: () => did.push("drop"),
			};
		},
		put: (ink: Ink) => inks.push(ink),
		nextStep: () => 3,
		point: (_: string, at: Point | null) => did.push(`point ${at}`),
	};
	return { hand: new AgentHand(shared as unknown as Shared), inks, done: () => did.splice(0) };
}

const tap = (hand: AgentHand, at: Point): void => {
	hand.begin(at, null);
	hand.tap(at, false);
};

test("a shape is placed by two taps, and shown on the way", () => {
	const { hand, inks } = world();
	hand.choose("box");
	tap(hand, [10, 10]);
	hand.hover([30, 40]);
	expect(hand.inks.value).toEqual([{ tool: "box", from: [10, 10], to: [30, 40] }]);
	tap(hand, [50, 60]);
	expect(inks).toEqual([{ tool: "box", from: [10, 10], to: [50, 60] }]);
	expect(hand.start.value).toBe(null);
});

test("a shape is drawn by moving, whatever was begun by a tap", () => {
	const { hand, inks, done } = world();
	hand.choose("arrow");
	tap(hand, [10, 10]);
	hand.begin([20, 20], null);
	hand.add(
		[
			[30, 30],
			[40, 40],
		],
		null,
	);
	hand.finish();
	expect(done()).toEqual(["draw arrow 20,20", "add 40,40", "finish"]);
	expect(hand.start.value).toBe(null);
	expect(inks).toEqual([]);
});

test("a finger that trembles while it taps leaves no stroke of its own", () => {
	const { hand, done } = world();
	hand.choose("circle");
	hand.begin([20, 20], null);
	hand.add([[21, 20]], null);
	hand.tap([21, 20], false);
	expect(done()).toEqual(["draw circle 20,20", "add 21,20", "drop"]);
	expect(hand.start.value).toEqual([21, 20]);
});

test("the next step is put where it was tapped", () => {
	const { hand, inks } = world();
	hand.choose("step");
	tap(hand, [5, 6]);
	expect(inks).toEqual([{ tool: "step", at: [5, 6], number: 3 }]);
});

test("a text stands where it was begun, in one line; nothing is no text", () => {
	const { hand, inks } = world();
	hand.choose("text");
	tap(hand, [5, 6]);
	hand.write("  turn\nthis ");
	expect(inks).toEqual([{ tool: "text", at: [5, 6], text: "turn this" }]);
	tap(hand, [7, 8]);
	hand.write("  ");
	expect(inks).toHaveLength(1);
	expect(hand.writing.value).toBe(null);
});

test("with the keyboard a line goes from one press to the next along the cursor", () => {
	const { hand, done } = world();
	hand.moved([10, 10]);
	hand.press();
	hand.moved([20, 10]);
	hand.press();
	expect(done()).toEqual(["point 10,10", "draw pen 10,10", "add 20,10", "point 20,10", "finish"]);
});

test("what was begun is given up by another tool, and by Escape once", () => {
	const { hand, inks } = world();
	hand.choose("box");
	tap(hand, [10, 10]);
	hand.choose("circle");
	tap(hand, [30, 30]);
	expect(hand.giveUp()).toBe(true);
	expect(hand.giveUp()).toBe(false);
	expect(inks).toEqual([]);
});

test("pointing draws nothing", () => {
	const { hand, done } = world();
	hand.pointing.value = true;
	hand.begin([1, 2], null);
	hand.add([[3, 4]], null);
	hand.finish();
	expect(done()).toEqual(["point 1,2", "point 3,4", "point null"]);
});

test("nothing is put on a picture that is full", () => {
	const { hand, inks } = world(true);
	hand.choose("step");
	tap(hand, [5, 6]);
	expect(inks).toEqual([]);
});
