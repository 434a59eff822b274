// Strokes that wait for a slow link travel together.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Body, Outbox } from "../src/session/outbox";
import { LINE_POINTS_MAX, MESSAGE_BYTES_MAX, type Stroke, STROKES_MAX } from "../src/wire/generated";

const step = (mark: number): Stroke => ({ mark, tool: "step", at: [0, 0], number: 1 });
const draw = (picture: number, ...strokes: Stroke[]): Body => ({ topic: "annotation", type: "draw", picture, strokes });
const undo: Body = { topic: "annotation", type: "undo", picture: 1 };

function open(): Outbox {
	const outbox = new Outbox(() => 0.5);
	outbox.attached(1);
	return outbox;
}

function marks(body: Body | undefined): number[] {
	return body?.type === "draw" ? body.strokes.map(({ mark }) => mark) : [];
}

test("ten quick strokes over a slow link need two turns", () => {
	const outbox = open();
	const ids: number[] = [];
	for (let mark = 1; mark <= 10; mark += 1) {
		ids.push(outbox.push(draw(1, step(mark)), 0, 0).id);
		outbox.poll(0);
	}
	expect(ids).toEqual([1, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
	expect(outbox.answered(1, null, 2, 0)?.command.id).toBe(1);
	expect(marks(outbox.poll(0).send?.body)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
	expect(outbox.answered(2, null, 11, 0)?.command.id).toBe(2);
	expect(outbox.commands).toEqual([]);
});

test("a command that was sent takes no more strokes, also over a new connection", () => {
	const outbox = open();
	outbox.push(draw(1, step(1)), 0, 0);
	outbox.poll(0);
	outbox.detached();
	expect(outbox.push(draw(1, step(2)), 0, 0).id).toBe(2);
	outbox.attached(1);
	expect(marks(outbox.poll(1).send?.body)).toEqual([1]);
});

test("strokes join neither over another command nor over another picture", () => {
	const outbox = open();
	for (const body of [draw(1, step(1)), undo, draw(1, step(2)), draw(2, step(3))]) outbox.push(body, 0, 0);
	expect(outbox.commands.map(({ body }) => marks(body))).toEqual([[1], [], [2], [3]]);
});

test("a snapshot is not changed by what joins later", () => {
	const outbox = open();
	outbox.push(draw(1, step(1)), 0, 0);
	const before = outbox.snapshot();
	outbox.push(draw(1, step(2)), 0, 0);
	expect(marks(before.commands[0]?.body)).toEqual([1]);
	expect(marks(new Outbox(() => 0, outbox.snapshot()).commands[0]?.body)).toEqual([1, 2]);
});

test("however strokes are pushed and sent: none is lost, their order stays, and each message is within its limits", () => {
	const points = fc.integer({ min: 1, max: LINE_POINTS_MAX });
	const text = fc.constantFrom("x", "漢".repeat(80), "é");
	const actions = fc.array(
		fc.oneof(
			fc.record({ kind: fc.constant("pen" as const), points }),
			fc.record({ kind: fc.constant("text" as const), text }),
			fc.constant({ kind: "turn" as const }),
		),
		{ maxLength: 80 },
	);
	fc.assert(
		fc.property(actions, (all) => {
			const outbox = open();
			const sent: number[] = [];
			let [mark, now] = [0, 0];
			const turn = (): void => {
				const { send } = outbox.poll(now++);
				if (send === null) return;
				const message = { ...send.body, n: send.n, session: "s".repeat(22), page: "p".repeat(22) };
				expect(new TextEncoder().encode(JSON.stringify(message)).length).toBeLessThan(MESSAGE_BYTES_MAX - 1_000);
				expect(marks(send.body).length).toBeLessThanOrEqual(STROKES_MAX);
				sent.push(...marks(send.body));
				expect(outbox.answered(send.n, null, 0, now)?.command.body).toBe(send.body);
			};
			for (const one of all) {
				mark += 1;
				if (one.kind === "turn") turn();
				else if (one.kind === "text") outbox.push(draw(1, { mark, tool: "text", at: [0, 0], text: one.text }), 0, 0);
				else {
					const line = Array.from({ length: 2 * one.points }, () => 65_535);
					const pressure = Array.from({ length: one.points }, () => 255);
					outbox.push(draw(1, { mark, tool: "pen", line, pressure }), 0, 0);
				}
			}
			while (outbox.commands.length > 0) turn();
			expect(sent).toEqual(all.map((one, at) => (one.kind === "turn" ? 0 : at + 1)).filter((one) => one > 0));
		}),
	);
});
