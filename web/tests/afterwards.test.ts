// A call afterwards: its log in words, and how it ran.

import { expect, test } from "vitest";
import { linesOf, marksOf, pointsOf, sumOf } from "../src/agent/detail/quality";
import { numbersOf, timeline } from "../src/agent/detail/timeline";
import type { Event, Moment } from "../src/wire/generated";

const at = (seq: number, event: object): Event => ({ seq, at_ms: 1_800_000_000_000 + seq * 1_000, ...event }) as Event;

const LOG: readonly Event[] = [
	{ type: "invite_issued", agent_name: "Grace", language: "de", expires_at_ms: 0 },
	{ type: "sms_attempted", attempt: 1 },
	{ type: "sms_failed", attempt: 1, why: "opted_out" },
	{ type: "link_opened" },
	{ type: "lobby_reached", step: "camera_denied" },
	{ type: "renamed", name: "Ada" },
	{ type: "joined", seat: "customer", name: "Ada", video_only: true },
	{ type: "joined", seat: "agent", name: "Grace", video_only: false },
	{ type: "said", seat: "agent", text: "Hello" },
	{ type: "capture_asked", seat: "agent", source: "camera" },
	{ type: "picture_sent", seat: "customer", picture: 10, through: 10, width: 4, height: 3 },
	{ type: "capture_asked", seat: "customer", source: "gallery" },
	{ type: "picture_deleted", seat: "agent", picture: 12 },
	{ type: "lost", seat: "customer" },
	{ type: "resumed", seat: "customer" },
	{ type: "moved", seat: "customer", video_only: false },
	{ type: "of_a_later_version", whatever: 1 },
	{ type: "ended", why: "customer_ended" },
].map((event, index) => at(index + 1, event));

test("the log stands in words, in order, without chat and strokes", () => {
	const lines = timeline(LOG);
	expect(lines.map((line) => line.text)).toEqual([
		"Grace invited the customer.",
		"The text message did not go out.",
		"The link was opened.",
		"The camera was refused.",
		"The customer goes by the name Ada.",
		"Ada joined without sound, being on the phone.",
		"Grace joined.",
		"Grace took picture 1.",
		"Ada sent picture 1 to the chat.",
		"Ada chose picture 2 from the gallery.",
		"Grace deleted picture 2.",
		"Ada's connection was lost.",
		"Ada came back.",
		"Ada moved to another device.",
		expect.stringMatching(/^The call ended\. .*Ada/),
	]);
	expect(lines.filter((line) => line.trouble).map((line) => line.seq)).toEqual([3, 5, 14]);
	expect([...numbersOf(LOG)]).toEqual([
		[10, 1],
		[12, 2],
	]);
});

const GOOD: Moment = { frozen_ms: 0, made_up: 0, kbit: 1_000, lost: 2, trip_ms: 80 };

test("weak moments are those that a person notices, and neighbours make one stretch", () => {
	for (const [moment, weak] of [
		[GOOD, false],
		[{ ...GOOD, frozen_ms: 1_999 }, false],
		[{ ...GOOD, frozen_ms: 2_000 }, true],
		[{ ...GOOD, made_up: 50 }, true],
		[{ ...GOOD, lost: 100 }, true],
		[{ ...GOOD, trip_ms: 600 }, true],
		[{ frozen_ms: 0, made_up: 0, kbit: 0, lost: 0 }, false],
	] as const) {
		expect(pointsOf([{ at_ms: 0, moments: [moment] }])[0]?.weak).toBe(weak);
	}
	const bad = { ...GOOD, lost: 200 };
	const points = pointsOf([
		{ at_ms: 0, moments: [GOOD, bad, bad] },
		{ at_ms: 60_000, moments: [bad, GOOD, bad] },
	]);
	const sum = sumOf(points);
	expect(sum.weak).toEqual([
		[20_000, 80_000],
		[100_000, 120_000],
	]);
	expect(sum).toMatchObject({ kbit: 1_000, lost: 20, trip_ms: 80, frozen_ms: 0 });
	expect(marksOf(points, 120)).toEqual([
		[20, 60],
		[100, 20],
	]);
});

test("a graph stays in its box, and a gap in time breaks its line", () => {
	const minute = (at_ms: number, kbit: number) => ({ at_ms, moments: [{ ...GOOD, kbit }] });
	const points = pointsOf([minute(0, 0), minute(60_000, 65_535), minute(600_000, 100)]);
	const lines = linesOf(points, 600, 90);
	expect(lines.length).toBe(2);
	for (const place of lines.join(" ").split(" ")) {
		const [x, y] = place.split(",").map(Number);
		expect(x).toBeGreaterThanOrEqual(0);
		expect(x).toBeLessThanOrEqual(600);
		expect(y).toBeGreaterThanOrEqual(0);
		expect(y).toBeLessThanOrEqual(90);
	}
	expect(linesOf([], 600, 90)).toEqual([]);
	expect(marksOf([], 600)).toEqual([]);
	expect(sumOf([])).toEqual({ kbit: 0, lost: 0, trip_ms: null, frozen_ms: 0, weak: [] });
});
