import { expect, test } from "vitest";
import { type ChatLines, LoggedLines } from "../src/session/chat-lines";
import { linesAfter, newestOf } from "../src/session/newest-lines";
import { Unread } from "../src/session/unread";
import { Lines } from "../src/session/lines";
import type { ChatLine } from "../src/session/view";
import type { Seat } from "../src/wire/generated";
import { inOrder, said } from "./events";

const line = (seq: number, seat: Seat = "agent"): ChatLine => ({
	seq,
	n: null,
	seat,
	text: `line ${seq}`,
	at_ms: seq,
	state: "sent",
	picture: null,
});
const seqs = (lines: Iterable<ChatLine>): (number | null)[] => [...lines].map(({ seq }) => seq);

/** Counts how many lines are looked at. */
function counting(lines: ChatLines): ChatLines & { looks: number } {
	const counted = {
		looks: 0,
		length: lines.length,
		at(index: number) {
			counted.looks += 1;
			return lines.at(index);
		},
		[Symbol.iterator]: () => lines[Symbol.iterator](),
	};
	return counted;
}

test("a list stays as it was when longer ones are made of it", () => {
	const one = LoggedLines.none().plus(line(1));
	const two = one.plus(line(2));
	const other = one.plus(line(3));
	const three = two.plus(line(4));
	expect([one, two, other, three].map(seqs)).toEqual([[1], [1, 2], [1, 3], [1, 2, 4]]);
	expect([one.at(1), two.at(2), one.at(-1)]).toEqual([undefined, undefined, undefined]);
	expect(seqs(LoggedLines.none())).toEqual([]);
	expect([0, 1, 2, 3, 4, 5].map((seq) => three.firstAfter(seq))).toEqual([0, 1, 2, 2, 3, 3]);
});

test("what is new is found without a look at what is old", () => {
	const lines = Array.from({ length: 5_000 }, (_, at) => line(2 * at + 1)).reduce(
		(all, one) => all.plus(one),
		LoggedLines.none(),
	);
	const counted = counting(lines);
	expect(newestOf(counted)).toBe(9_999);
	expect(seqs(linesAfter(counted, 9_994))).toEqual([9_999, 9_997, 9_995]);
	expect(counted.looks).toBeLessThan(8);
});

test("unread lines are the other person's after the newest that was seen, each looked at once", () => {
	const unread = new Unread("agent");
	let lines = LoggedLines.none();
	for (let seq = 1; seq <= 1_000; seq += 1) lines = lines.plus(line(seq, seq % 2 === 0 ? "agent" : "customer"));
	expect(unread.count(lines, 0)).toBe(500);
	const counted = counting(lines.plus(line(1_001, "customer")));
	expect(unread.count(counted, 0)).toBe(501);
	expect(counted.looks).toBeLessThan(8);
	expect(unread.count(counted, 998)).toBe(2);
	expect(unread.count(counted, 1_001)).toBe(0);
});

test("a line of this page is one object as long as it does not change, so that it is shown once", () => {
	const lines = new Lines("customer");
	const view = inOrder([said(1, "agent", "hello"), said(2, "customer", "yes")]);
	lines.wrote(7, "yes", 0, 1);
	lines.settled(7, null, 2, view);
	const [one, two] = [lines.merge(view).lines, lines.merge(view).lines];
	expect([...one].map(({ n }) => n)).toEqual([null, 7]);
	expect([0, 1].map((at) => one.at(at) === two.at(at))).toEqual([true, true]);
});

test("failed lines stand between those of the log, wherever one looks", () => {
	const lines = new Lines("customer");
	const view = inOrder(["a", "b", "c"].map((text, at) => said(at + 1, "agent", text)));
	for (const [id, after] of [1, 1, 3].entries()) {
		lines.wrote(id, `failed ${id}`, 0, after);
		lines.settled(id, { why: "trouble" }, after, inOrder([said(1, "agent", "a")]));
	}
	lines.wrote(9, "on its way", 0, 3);
	const merged = lines.merge(view).lines;
	const texts = Array.from({ length: merged.length }, (_, at) => merged.at(at)?.text);
	expect(texts).toEqual(["a", "failed 0", "failed 1", "failed 2", "b", "c", "on its way"]);
	expect(merged.at(merged.length)).toBeUndefined();
});
