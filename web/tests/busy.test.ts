// A server that is too busy to look at a request.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { enter, look, me, seat } from "../src/link/server/api";

const LINK = { secret: "AQEBAQEBAQEBAQEBAQEBAQ" };
const THROTTLED = '{"message":"Too Many Requests"}';

/** Times of the requests, milliseconds. */
let asked: number[] = [];

beforeEach(() => {
	vi.useFakeTimers({ now: 0 });
	vi.spyOn(Math, "random").mockReturnValue(0.5);
	asked = [];
});

afterEach(() => {
	vi.useRealTimers();
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

/** Answers one request after the other, and then always with the last one. */
function answering(...answers: [number, string, HeadersInit?][]): void {
	vi.stubGlobal("fetch", (_: string, { signal }: RequestInit) => {
		if (signal?.aborted) return Promise.reject(signal.reason);
		const [status, body, headers = {}] = answers[Math.min(asked.length, answers.length - 1)] ?? [500, ""];
		asked.push(Date.now());
		return Promise.resolve(new Response(body, { status, headers }));
	});
}

async function settled<T>(asking: Promise<T>): Promise<T> {
	await vi.runAllTimersAsync();
	return asking;
}

test("a throttled request is repeated with jitter until it is let through", async () => {
	answering([429, THROTTLED], [429, THROTTLED], [200, '{"session":"s"}']);
	expect(await settled(enter(LINK))).toEqual({ ok: true, value: { session: "s" } });
	// Half of 0.5 s, then half of 1 s.
	expect(asked).toEqual([0, 250, 750]);
});

test("a page gives up after four tries and says that there is no answer", async () => {
	answering([429, THROTTLED]);
	expect(await settled(look(LINK))).toEqual({ ok: false, error: { error: "network" } });
	expect(asked).toEqual([0, 250, 750, 1_750]);
});

test("the server's own word on when to come back is the least wait", async () => {
	answering([503, "<p>busy</p>", { "retry-after": "2" }], [200, "{}"]);
	expect((await settled(enter(LINK))).ok).toBe(true);
	expect(asked).toEqual([0, 2_250]);
});

test("a refusal is an answer, and what may have been done is not repeated", async () => {
	answering([429, '{"error":"too_often"}']);
	expect(await settled(look(LINK))).toEqual({ ok: false, error: { error: "too_often" } });
	answering([503, '{"message":"Service Unavailable"}']);
	expect((await settled(enter(LINK))).ok).toBe(false);
	expect(asked).toHaveLength(2);
	asked = [];
	expect((await settled(me())).ok).toBe(false);
	expect(asked).toHaveLength(4);
});

test("the answer that the page asked for before its scripts came is taken, once", async () => {
	vi.stubGlobal("sightlineAsked", Promise.resolve(new Response('{"session":"early"}')));
	answering([200, '{"session":"late"}']);
	expect(await settled(look(LINK))).toEqual({ ok: true, value: { session: "early" } });
	expect(asked).toEqual([]);
	expect(await settled(look(LINK))).toEqual({ ok: true, value: { session: "late" } });
});

test.each([
	["no answer came", null],
	["the server was too busy", new Response("", { status: 503 })],
])("the page asks again where %s before its scripts came", async (_, answer) => {
	vi.stubGlobal("sightlineAsked", Promise.resolve(answer));
	answering([200, '{"session":"late"}']);
	expect(await settled(seat("s"))).toEqual({ ok: true, value: { session: "late" } });
	expect(asked).toHaveLength(1);
});
