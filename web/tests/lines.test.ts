import fc from "fast-check";
import { expect, test } from "vitest";
import { Lines } from "../src/session/lines";
import { inOrder, said } from "./events";

const nothing = inOrder([]);
const one = inOrder([said(1, "customer", "hello")]);

test("a line that is sent and then logged is one line, with the same key", () => {
	const lines = new Lines("customer");
	lines.wrote(1, "hello", 0, 0);
	expect([...lines.merge(nothing).lines]).toMatchObject([{ seq: null, n: 1, state: "sending" }]);
	lines.settled(1, null, 1, nothing);
	expect([...lines.merge(nothing).lines]).toMatchObject([{ seq: null, n: 1, state: "sent" }]);
	expect([...lines.merge(one).lines]).toMatchObject([{ seq: 1, n: 1, state: "sent" }]);
	expect(lines.merge(one).lines).toHaveLength(1);
});

test("a line whose event comes before its answer is one line, too", () => {
	const lines = new Lines("customer");
	lines.wrote(1, "hello", 0, 0);
	expect([...lines.merge(one).lines]).toMatchObject([{ seq: 1, n: 1, state: "sent" }]);
	lines.settled(1, null, 1, one);
	expect([...lines.merge(one).lines]).toMatchObject([{ seq: 1, n: 1 }]);
});

test("the same words said before are not taken for the answer", () => {
	const lines = new Lines("customer");
	lines.wrote(1, "hello", 0, 1);
	expect([...lines.merge(one).lines]).toMatchObject([
		{ seq: 1, n: null },
		{ seq: null, n: 1, state: "sending" },
	]);
});

test("a failed line stays in its place and can be tried again", () => {
	const lines = new Lines("customer");
	lines.wrote(1, "no", 0, 1);
	lines.settled(1, { why: "limit_reached" }, 1, one);
	const later = inOrder([said(1, "customer", "hello"), said(2, "agent", "well")]);
	expect([...lines.merge(later).lines].map((line) => line.text)).toEqual(["hello", "no", "well"]);
	expect(lines.takeFailed(1)).toBe("no");
	expect(lines.takeFailed(1)).toBeNull();
	expect(lines.merge(later).lines).toHaveLength(2);
});

test("a line that the server wrote differently is shown once in the end", () => {
	const lines = new Lines("customer");
	lines.wrote(1, "hello\u00a0", 0, 0);
	lines.settled(1, null, 1, nothing);
	expect([...lines.merge(one).lines]).toMatchObject([{ seq: 1 }]);
	expect(lines.merge(one).lines).toHaveLength(1);
});

test("in any interleaving of events and answers every line is shown once in the end", () => {
	const talk = fc.array(fc.record({ own: fc.boolean(), text: fc.constantFrom("a", "b"), order: fc.boolean() }), {
		maxLength: 15,
	});
	fc.assert(
		fc.property(talk, (said_lines) => {
			const lines = new Lines("customer");
			const events = said_lines.map(({ own, text }, at) => said(at + 1, own ? "customer" : "agent", text));
			// Own lines are written one by one, each before its event.
			said_lines.forEach(({ own, text, order }, at) => {
				const before = inOrder(events.slice(0, at));
				const after = inOrder(events.slice(0, at + 1));
				if (!own) {
					lines.merge(after);
					return;
				}
				lines.wrote(at, text, 0, before.head);
				expect(lines.merge(before).lines).toHaveLength(at + 1);
				if (order) lines.settled(at, null, at + 1, before);
				expect(lines.merge(order ? before : after).lines).toHaveLength(at + 1);
				if (!order) lines.settled(at, null, at + 1, after);
				expect(lines.merge(after).lines).toHaveLength(at + 1);
			});
			const end = [...lines.merge(inOrder(events)).lines];
			expect(end.map((line) => line.seq)).toEqual(events.map((event) => event.seq));
			expect(end.map((line) => line.n)).toEqual(said_lines.map(({ own }, at) => (own ? at : null)));
		}),
	);
});
