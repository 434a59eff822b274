import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatLine } from "../src/session/view";
import { firstOf, followed, kept, lastOf, newer, older, type Stretch } from "../src/ui/chat/stretch";

const line = (text: string): ChatLine => ({
	seq: 1,
	n: null,
	seat: "agent",
	text,
	at_ms: 1,
	state: "sent",
	picture: null,
});
const chat = (lines: number, text = "hello"): ChatLine[] => Array.from({ length: lines }, () => line(text));
const sizeOf = ({ from, to }: Stretch): number => to - from;

test("a short chat is in the page as a whole", () => {
	expect([lastOf(chat(5)), firstOf(chat(5))]).toEqual([
		{ from: 0, to: 5 },
		{ from: 0, to: 5 },
	]);
	expect(lastOf([])).toEqual({ from: 0, to: 0 });
});

test("of a long chat a screen of lines is, at either end", () => {
	for (const lines of [1_000, 28_000]) {
		expect(lastOf(chat(lines)).to).toBe(lines);
		expect(firstOf(chat(lines)).from).toBe(0);
		for (const one of [lastOf(chat(lines)), firstOf(chat(lines))]) {
			expect(sizeOf(one)).toBeGreaterThan(15);
			expect(sizeOf(one)).toBeLessThan(40);
		}
	}
});

test("long lines come one by one, and at least one comes", () => {
	for (const text of ["a".repeat(2_000), "a\n".repeat(900)]) {
		const lines = chat(100, text);
		expect(older(lines, { from: 50, to: 60 })).toEqual({ from: 49, to: 60 });
		expect(newer(lines, { from: 50, to: 60 })).toEqual({ from: 50, to: 61 });
		expect(older(lines, { from: 0, to: 60 })).toEqual({ from: 0, to: 60 });
		expect(newer(lines, { from: 0, to: 100 })).toEqual({ from: 0, to: 100 });
	}
});

test("who reads the end follows new lines, and a flood of them does not fill the page", () => {
	expect(followed(chat(102), { from: 80, to: 100 })).toEqual({ from: 80, to: 102 });
	expect(followed(chat(5_100), { from: 80, to: 100 })).toEqual(lastOf(chat(5_100)));
	expect(followed(chat(60), { from: 80, to: 100 })).toEqual(lastOf(chat(60)));
});

test("who reads old lines keeps them", () => {
	expect(kept(chat(102), { from: 20, to: 40 }, 100)).toEqual({ from: 20, to: 40 });
	expect(kept(chat(30), { from: 20, to: 40 }, 100)).toEqual({ from: 20, to: 30 });
	expect(kept(chat(10), { from: 20, to: 40 }, 100)).toEqual(lastOf(chat(10)));
	// Where the newest are in the page, though out of sight, new ones come in below.
	expect(kept(chat(42), { from: 20, to: 40 }, 40)).toEqual({ from: 20, to: 42 });
	expect(kept(chat(5_000), { from: 20, to: 40 }, 40).to).toBeLessThan(60);
});

test("whatever happens, the stretch lies within the lines and holds some if there are any", () => {
	const kinds = fc.constantFrom("older", "newer", "followed", "kept");
	const acts = fc.array(fc.record({ act: kinds, lines: fc.nat(200) }), { maxLength: 20 });
	fc.assert(
		fc.property(acts, (all) => {
			let stretch = lastOf([]);
			let before = 0;
			for (const { act, lines } of all) {
				const now = chat(lines);
				// Whether lines came or went is known first.
				stretch = act === "kept" ? kept(now, stretch, before) : followed(now, stretch);
				before = lines;
				if (act === "older") stretch = older(now, stretch);
				if (act === "newer") stretch = newer(now, stretch);
				const { from, to } = stretch;
				expect(from >= 0 && from <= to && to <= lines).toBe(true);
				if (lines > 0) expect(to - from).toBeGreaterThan(0);
			}
		}),
	);
});
