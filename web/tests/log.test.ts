import fc from "fast-check";
import { expect, test } from "vitest";
import { apply, EMPTY } from "../src/session/fold";
import { OrderedLog } from "../src/session/log";
import type { Event } from "../src/wire/generated";
import { inOrder, logs, said } from "./events";

test("the fold drops repeats and refuses gaps", () => {
	const one = apply(EMPTY, said(1, "agent", "hello"));
	expect(one?.lines).toHaveLength(1);
	expect(apply(one ?? EMPTY, said(1, "agent", "hello"))).toBe(one);
	expect(apply(one ?? EMPTY, said(3, "agent", "later"))).toBeNull();
});

test("an event of a newer server moves the head and nothing else", () => {
	const view = apply(EMPTY, { seq: 1, at_ms: 1, type: "stroke_drawn" } as unknown as Event);
	expect(view).toEqual({ ...EMPTY, head: 1 });
});

test("the timer starts when the second of the two has joined, and joining again does not set it back", () => {
	const joined = (seq: number, seat: "agent" | "customer"): Event => ({
		seq,
		at_ms: seq * 100,
		type: "joined",
		seat,
		name: "A",
		video_only: false,
	});
	expect(inOrder([joined(1, "agent")]).live_since_ms).toBeNull();
	expect(inOrder([joined(1, "agent"), joined(2, "customer")]).live_since_ms).toBe(200);
	expect(inOrder([joined(1, "agent"), joined(2, "customer"), joined(3, "customer")]).live_since_ms).toBe(200);
});

test("a person who was lost or left is back when resumed, moved or joined", () => {
	const lost: Event = { seq: 1, at_ms: 1, type: "lost", seat: "customer" };
	expect(inOrder([lost]).seats.customer.away).toBe("lost");
	const resumed: Event = { seq: 2, at_ms: 2, type: "resumed", seat: "customer" };
	expect(inOrder([lost, resumed]).seats.customer.away).toBeNull();
	const moved: Event = { seq: 2, at_ms: 2, type: "moved", seat: "customer", video_only: true };
	expect(inOrder([lost, moved]).seats.customer).toMatchObject({ away: null, video_only: true });
});

test("a seat's moves are counted; a return on the same device is not a move", () => {
	const moved = (seq: number): Event => ({ seq, at_ms: seq, type: "moved", seat: "customer", video_only: false });
	const resumed: Event = { seq: 2, at_ms: 2, type: "resumed", seat: "customer" };
	const { seats } = inOrder([moved(1), resumed, moved(3)]);
	expect(seats.customer.moves).toBe(2);
	expect(seats.agent.moves).toBe(0);
});

test("any order, repetition and batching of deliveries ends in the same view", () => {
	const deliveries = logs.chain((events) =>
		fc.record({
			events: fc.constant(events),
			// Every event at least once, some more often, in any order.
			order: fc.array(fc.nat(Math.max(0, events.length - 1)), { maxLength: 60 }).chain((more) => {
				const all = [...events.keys(), ...(events.length === 0 ? [] : more)];
				return fc.shuffledSubarray(all, { minLength: all.length });
			}),
			cuts: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }),
		}),
	);
	fc.assert(
		fc.property(deliveries, ({ events, order, cuts }) => {
			const log = new OrderedLog();
			let view = EMPTY;
			let cut = 0;
			for (let at = 0; at < order.length; ) {
				const size = cuts[cut++ % cuts.length] ?? 1;
				const batch = order.slice(at, at + size).map((index) => events[index] as Event);
				at += size;
				for (const event of log.push(batch, at)) {
					const next = apply(view, event);
					if (next === null || next === view) throw new Error(`event ${event.seq} came out of turn`);
					view = next;
				}
			}
			expect(view).toEqual(inOrder(events));
			expect(log.poll(1_000_000)).toEqual({ after: null, again_at: null });
		}),
	);
});

test("whatever is lost, asking brings the page to the end", () => {
	fc.assert(
		fc.property(
			logs,
			fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
			fc.integer({ min: 1, max: 7 }),
			(events, comes, limit) => {
				const log = new OrderedLog();
				let now = 0;
				const got = log.push(
					events.filter((_, at) => comes[at]),
					now,
				);
				log.learn(events.length, now);
				for (let turns = 0; log.head < events.length; turns += 1) {
					if (turns > 200) throw new Error("never arrives");
					const { after, again_at } = log.poll(now);
					if (after === null) {
						now = again_at ?? Number.NaN;
						continue;
					}
					const answer = events.slice(after, after + limit);
					got.push(...log.push(answer, now));
					if (after + limit < events.length) log.more(now);
				}
				expect(got).toEqual(events);
			},
		),
	);
});

test("a gap is requested once after a moment, and again only without an answer", () => {
	const log = new OrderedLog();
	log.push([said(2, "agent", "b")], 1_000);
	expect(log.poll(1_000)).toEqual({ after: null, again_at: 1_150 });
	expect(log.poll(1_150)).toEqual({ after: 0, again_at: 3_150 });
	expect(log.poll(1_200)).toEqual({ after: null, again_at: 3_150 });
	expect(log.poll(3_150).after).toBe(0);
	expect(log.push([said(1, "agent", "a")], 3_200).map((event) => event.seq)).toEqual([1, 2]);
	expect(log.poll(9_999).after).toBeNull();
});

test("on a new connection nothing is on its way, so what is missing is asked for at once", () => {
	const log = new OrderedLog();
	log.learn(5, 0);
	expect(log.poll(150).after).toBe(0);
	log.restart(200);
	expect(log.poll(200).after).toBe(0);
});

test("events absurdly far ahead are not kept", () => {
	const log = new OrderedLog();
	log.push([said(1_000_000, "agent", "x")], 0);
	log.push([said(1, "agent", "a")], 0);
	expect(log.head).toBe(1);
	expect(log.known).toBe(1_000_000);
});
