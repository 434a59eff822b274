import { expect, test } from "vitest";
import { Recorder } from "../src/link/vitals/recorder";
import { type Sample, sample } from "../src/link/vitals/sample";

/** Counters after so many seconds of a call that loses a tenth and receives 800 kbit/s. */
function after(seconds: number, more: Partial<Sample> = {}): Sample {
	return {
		...sample([], 1_000 * seconds),
		received: 90 * seconds,
		lost: 10 * seconds,
		sound: 1_000 * seconds,
		made_up: 20 * seconds,
		frozen_ms: 50 * seconds,
		received_bytes: 100_000 * seconds,
		trip_ms: 84.4,
		...more,
	};
}

const MOMENT = { frozen_ms: 1_000, made_up: 20, kbit: 800, lost: 100, trip_ms: 84, rung: 2 };

test("a minute is three moments, told once", () => {
	const recorder = new Recorder();
	for (let half = 0; half <= 122; half += 1) recorder.add(after(half / 2), 2);
	expect(recorder.take(59_000)).toBeNull();
	expect(recorder.take(61_000)).toEqual([MOMENT, MOMENT, MOMENT]);
	expect(recorder.take(61_000)).toBeNull();
	for (let half = 123; half <= 400; half += 1) recorder.add(after(half / 2), null);
	const { rung: _, ...without } = MOMENT;
	expect(recorder.take(200_000), "no more than a message takes, the newest").toEqual([without, without, without]);
});

test("counters that start again, and a page at rest, make no moment", () => {
	const recorder = new Recorder();
	for (let at = 0; at <= 19; at += 1) recorder.add(after(at), 0);
	recorder.restart();
	recorder.add(after(20, { received: 0, lost: 0 }), 0);
	expect(recorder.take(100_000)).toBeNull();
	recorder.add(after(90), 0);
	expect(recorder.take(100_000)).toBeNull();
	recorder.add(after(110), 0);
	expect(recorder.take(110_000)).toEqual([{ ...MOMENT, rung: 0 }]);
});

test("what a browser miscounts stays within what the wire takes", () => {
	const recorder = new Recorder();
	recorder.add(after(0), 0);
	const odd = {
		frozen_ms: 1e9,
		made_up: -5,
		sound: 1,
		lost: -3,
		received: 0,
		received_bytes: 1e12,
		trip_ms: Number.NaN,
	};
	recorder.add(after(20, odd), 0);
	expect(recorder.take(60_000)).toEqual([
		{ frozen_ms: 65_535, made_up: 0, kbit: 65_535, lost: 0, trip_ms: 0, rung: 0 },
	]);
});
