// A session's log for tests, and ways to deliver it badly.

import fc from "fast-check";
import { apply, EMPTY, type Folded } from "../src/session/fold";
import { SEATS } from "../src/wire/seats";
import type { Event, Point, Seat, EventKind } from "../src/wire/generated";

const seat = fc.constantFrom(...SEATS);
const text = fc.string({ minLength: 1, maxLength: 8 });

/** Mostly of no picture that is there. */
const picture = fc.integer({ min: 1, max: 12 });

const what: fc.Arbitrary<EventKind> = fc.oneof(
	fc.record({ type: fc.constant("sms_attempted" as const), attempt: fc.integer({ min: 1, max: 4 }) }),
	fc.record({ type: fc.constant("sms_accepted" as const), attempt: fc.integer({ min: 1, max: 4 }) }),
	fc.record({
		type: fc.constant("sms_failed" as const),
		attempt: fc.integer({ min: 1, max: 4 }),
		why: fc.constantFrom("bad_number" as const, "trouble" as const),
	}),
	fc.record({ type: fc.constant("link_made" as const) }),
	fc.record({ type: fc.constant("link_opened" as const) }),
	fc.record({
		type: fc.constant("lobby_reached" as const),
		step: fc.constantFrom("in_lobby" as const, "asking" as const),
	}),
	fc.record({ type: fc.constant("renamed" as const), name: text }),
	fc.record({ type: fc.constant("joined" as const), seat, name: text, video_only: fc.boolean() }),
	fc.record({ type: fc.constantFrom("lost" as const, "resumed" as const, "left" as const), seat }),
	fc.record({ type: fc.constant("moved" as const), seat, video_only: fc.boolean() }),
	fc.record({ type: fc.constant("media_changed" as const), seat, microphone: fc.boolean(), camera: fc.boolean() }),
	fc.record({ type: fc.constant("said" as const), seat, text }),
	fc.record({ type: fc.constant("zone_told" as const), utc_offset_min: fc.integer({ min: -840, max: 840 }) }),
	fc.record({ type: fc.constant("capture_asked" as const), seat }),
	fc.record({ type: fc.constant("capture_repeated" as const), seat, picture, attempt: fc.integer({ min: 2, max: 9 }) }),
	fc.record({ type: fc.constant("capture_failed" as const), picture, why: fc.constant("no_picture" as const) }),
	fc.record({
		type: fc.constant("picture_kept" as const),
		picture,
		width: fc.integer({ min: 1, max: 65_535 }),
		height: fc.integer({ min: 1, max: 65_535 }),
		low_resolution: fc.boolean(),
	}),
	fc.record({
		type: fc.constantFrom("picture_deleted" as const, "board_opened" as const, "board_closed" as const),
		seat,
		picture,
	}),
	fc.record({
		type: fc.constant("drawn" as const),
		seat,
		picture,
		stroke: fc.record({
			mark: fc.nat(5),
			tool: fc.constant("step" as const),
			at: fc.constant([1, 2] as Point),
			number: fc.constant(3),
		}),
	}),
	fc.record({
		type: fc.constantFrom("undone" as const, "redone" as const),
		seat,
		picture,
		strokes: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
	}),
	fc.record({ type: fc.constant("cleared" as const), picture }),
	fc.record({
		type: fc.constant("picture_sent" as const),
		seat,
		picture,
		through: fc.nat(40),
		width: fc.constant(1_920),
		height: fc.constant(1_080),
	}),
);

/** A log: numbered without gaps from 1. */
export const logs: fc.Arbitrary<Event[]> = fc
	.array(what, { maxLength: 40 })
	.map((all) => all.map((one, at) => ({ seq: at + 1, at_ms: 1_000 + at, ...one }) as Event));

/** What an untroubled page would show. */
export function inOrder(events: readonly Event[]): Folded {
	return events.reduce((folded, event) => apply(folded, event) ?? folded, EMPTY);
}

export function said(seq: number, whose: Seat, words: string): Event {
	return { seq, at_ms: seq, type: "said", seat: whose, text: words };
}
