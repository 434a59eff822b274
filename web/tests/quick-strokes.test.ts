// Many quick strokes over a link and a server that do everything that they may do: what was drawn
// is in the log, once.

import fc from "fast-check";
import { expect, test } from "vitest";
import { apply, EMPTY } from "../src/session/fold";
import { type Body, Outbox, type Settled } from "../src/session/outbox";
import { Wishes } from "../src/session/wishes";
import type { Event, Refusal, Stroke } from "../src/wire/generated";

/** Of a page: remembers its newest answer, as the server does. */
class Server {
	readonly log: Event[] = [{ seq: 1, at_ms: 0, type: "capture_asked", seat: "agent" }];
	next_n = 1;
	#answer: { n: number; head: number } | null = null;

	take(n: number, body: Body): { n: number; head: number; refused: Refusal | null } {
		if (n === this.#answer?.n) return { ...this.#answer, refused: null };
		if (n !== this.next_n) return { n, head: this.log.length, refused: { why: "out_of_turn", expected: this.next_n } };
		if (body.type === "draw") {
			for (const stroke of body.strokes) {
				this.log.push({ seq: this.log.length + 1, at_ms: 0, type: "drawn", seat: "customer", picture: 1, stroke });
			}
		}
		this.next_n += 1;
		this.#answer = { n, head: this.log.length };
		return { ...this.#answer, refused: null };
	}
}

test("500 quick strokes: each is in the log once and in order, and none was out of sight for a moment", () => {
	fc.assert(
		fc.property(fc.integer(), (seed) => {
			const random = numbers(seed);
			/** So often of a thousand. */
			const chance = (often: number): boolean => random() * 1_000 < often;
			const server = new Server();
			const wishes = new Wishes("customer");
			const drawn: number[] = [];
			let outbox = new Outbox(() => 0.5);
			let view = EMPTY;
			let now = 0;
			let attached = false;
			let answers: ReturnType<Server["take"]>[] = [];
			let mark = 0;

			const settle = (one: Settled): void => wishes.settled(one.command.id, one.refused, one.head ?? server.log.length);
			const hear = (count: number): void => {
				for (const event of server.log.slice(view.head, view.head + count)) view = apply(view, event) ?? view;
			};
			const see = (): void => {
				const picture = view.pictures[0];
				if (picture === undefined) return;
				const shown = wishes.shown(picture, view.head).strokes;
				// `expect` a million times takes minutes.
				if (shown.length !== drawn.length || shown.some((one, at) => one.mark !== drawn[at])) {
					expect(shown.map((one) => one.mark)).toEqual(drawn);
				}
			};
			hear(1);
			while (drawn.length < 500 || outbox.commands.length > 0 || view.head < server.log.length) {
				now += chance(20) ? 6_000 : 7;
				if (drawn.length < 500 && chance(600)) {
					mark += 1;
					const stroke: Stroke = { mark, tool: "step", at: [1, 2], number: 1 };
					const body: Body = { topic: "annotation", type: "draw", picture: 1, strokes: [stroke] };
					const { id, replaced } = outbox.push(body, now, view.head);
					wishes.made(id, body, view.pictures[0] ?? null);
					for (const one of replaced) settle(one);
					drawn.push(mark);
				}
				if (attached && chance(10)) {
					attached = false;
					// What is under way is lost with the connection, or done without a word.
					answers = [];
					outbox.detached();
					if (chance(300)) outbox = new Outbox(() => 0.5, JSON.parse(JSON.stringify(outbox.snapshot())));
				}
				if (!attached && chance(300)) {
					attached = true;
					for (const one of outbox.attached(server.next_n)) settle(one);
				}
				const { send } = outbox.poll(now);
				if (send !== null && !chance(30)) {
					if (chance(50)) answers.push({ n: send.n, head: server.log.length, refused: { why: "too_often" } });
					else answers.push(server.take(send.n, send.body));
				}
				if (chance(300)) hear(1 + (mark % 3));
				const answer = chance(400) ? answers.shift() : undefined;
				if (answer !== undefined && !chance(20)) {
					const settled = outbox.answered(answer.n, answer.refused, answer.head, now);
					if (settled !== null) settle(settled);
				}
				see();
			}
			const told = server.log.flatMap((event) => (event.type === "drawn" ? [event.stroke.mark] : []));
			expect(told).toEqual(drawn);
		}),
		{ numRuns: 5 },
	);
}, 30_000);

/** A run can be repeated: numbers from 0 to 1 that follow from a seed (mulberry32). */
function numbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
