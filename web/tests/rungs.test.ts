// What a page sends of its camera on links of every width.

import { describe, expect, test } from "vitest";
import { Probing } from "../src/link/vitals/probing";
import { Queueing } from "../src/link/vitals/queueing";
import { Ladder, type Link, RUNGS, STILLS } from "../src/link/vitals/rungs";
import { stillEvery } from "../src/link/vitals/stills";

const HEALTHY: Omit<Link, "now"> = {
	bps: 2_000_000,
	lost: 0,
	camera_fps: 30,
	sent_fps: 30,
	coarse: 0.6,
	silent: false,
	top: 0,
};

/** A link, and a camera whose frames are all sent unless the test says how many are. */
class Road {
	readonly ladder = new Ladder();
	now = 0;
	/** Every change, with its second. */
	readonly steps: [second: number, at: number][] = [];

	/** Goes on for so many seconds; returns the rung at their end. */
	run(seconds: number, link: Partial<Link> | ((at: number) => Partial<Link>)): number {
		for (let half = 0; half < seconds * 2; half += 1) {
			this.now += 500;
			const { at } = this.ladder;
			const sent_fps = RUNGS[at]?.fps ?? 0;
			const given = typeof link === "function" ? link(at) : link;
			const now = this.ladder.look({ ...HEALTHY, sent_fps, ...given, now: this.now });
			if (now !== at) this.steps.push([this.now / 1000, now]);
		}
		return this.ladder.at;
	}
}

/** Frames a second of a picture with much detail, by what it needs at each rung. */
const detailed = (bps: number) => (at: number) => {
	const needs = [400_000, 300_000, 220_000, 120_000, 80_000][at] ?? 0;
	return { bps, sent_fps: (RUNGS[at]?.fps ?? 0) * Math.min(1, (bps - 60_000) / needs) };
};

describe("the ladder", () => {
	test("a wide link carries all, from the start, and a slow start does not matter", () => {
		const road = new Road();
		expect(road.run(1.5, { bps: 300_000, sent_fps: 8 })).toBe(0);
		expect(road.run(60, {})).toBe(0);
		expect(road.steps).toEqual([]);
	});

	test.each([
		[1_000_000, 0],
		[480_000, 0],
		[350_000, 2],
		[210_000, 3],
		[140_000, 4],
		[95_000, STILLS],
	])("a detailed picture on a link of %i bit/s ends at rung %i, moves, and stays there", (bps, rung) => {
		const road = new Road();
		road.run(15, detailed(bps));
		expect(road.ladder.at).toBe(rung);
		const before = road.steps.length;
		road.run(60, detailed(bps));
		// What is above is tried now and then, ever more seldom.
		expect(road.steps.length - before).toBeLessThanOrEqual(8);
	});

	test("a calm picture keeps its size on a narrow link", () => {
		const road = new Road();
		expect(road.run(60, { bps: 260_000, coarse: 0.25 })).toBe(0);
	});

	test("a fall is answered within 2 s, at the place that fits", () => {
		const road = new Road();
		road.run(20, {});
		road.run(2, { bps: 140_000 });
		expect(road.ladder.at).toBe(4);
		expect(road.steps).toHaveLength(1);
	});

	test("an encoder at its coarsest gets a smaller picture to code", () => {
		const road = new Road();
		road.run(20, {});
		road.run(6, (at) => ({ bps: 300_000, coarse: at < 2 ? 0.83 : 0.5, sent_fps: at < 2 ? 14 : 15 }));
		expect(road.ladder.at).toBe(2);
		expect(new Road().run(1.5, { coarse: 0.83 })).toBe(0);
	});

	test("while the queue of a fall empties, pictures still move", () => {
		const road = new Road();
		road.run(20, {});
		road.run(2, { bps: 60_000, sent_fps: 3 });
		road.run(10, { bps: 190_000 });
		expect(road.steps.map(([, at]) => at)).not.toContain(STILLS);
		expect(road.ladder.at).toBe(3);
	});

	test("after a moment in which video was held down, a wide link is used at once", () => {
		const road = new Road();
		road.run(20, {});
		road.run(30, { bps: 140_000 });
		road.now += 500;
		road.ladder.look({ ...HEALTHY, sent_fps: 10, now: road.now });
		road.ladder.rest({ now: road.now + 1_000, silent: false });
		road.now += 1_500;
		expect(road.run(0.5, {})).toBe(0);
	});

	test("a link that is wide again is used within 4 s", () => {
		const road = new Road();
		road.run(20, {});
		road.run(30, { bps: 140_000 });
		expect(road.run(4, {})).toBe(0);
	});

	test("a rung that fails soon is tried later and later", () => {
		const road = new Road();
		road.run(240, (at) => ({ bps: 400_000, sent_fps: at < 2 ? 3 : 15 }));
		const tries = road.steps.filter(([, at]) => at < 2).map(([second]) => second);
		const waits = tries.slice(1).map((second, at) => second - (tries[at] ?? 0));
		expect(waits.length).toBeGreaterThanOrEqual(2);
		expect(waits.at(-1)).toBeGreaterThan(55);
	});

	test.each([
		[0.25, 0],
		[0.26, STILLS],
	])("with %d of the packets lost the rung is %i", (lost, rung) => {
		expect(new Road().run(20, { lost })).toBe(rung);
	});

	test("a fall from rung to rung does not make a lossy link wait for its still pictures", () => {
		const road = new Road();
		road.run(20, {});
		// The estimate creeps down, so that a rung follows on another.
		let bps = 260_000;
		road.run(3, () => {
			bps -= 25_000;
			return { bps, lost: 0.35 };
		});
		expect(road.ladder.at).toBe(STILLS);
		expect(road.steps.length, JSON.stringify(road.steps)).toBeGreaterThan(1);
		const [entered] = road.steps.at(-1) ?? [0];
		expect(entered - 20).toBeLessThanOrEqual(2.5);
	});

	test("a link that was cut is not taken for one that loses all", () => {
		const road = new Road();
		road.run(20, {});
		// The estimate falls while nothing comes, and grows again after it.
		road.run(10, { bps: 60_000, lost: 1, silent: true });
		road.run(1.5, { bps: 90_000, lost: 0.9 });
		road.run(2, { bps: 200_000 });
		// The report of sound comes every five seconds, and tells of the cut once more.
		road.run(1.5, { bps: 2_000_000 });
		road.run(2.5, { bps: 2_000_000, lost: 0.6 });
		// A lost connection is not looked at.
		road.run(20, {});
		road.now += 8_000;
		road.run(3, { bps: 2_000_000 });
		road.run(2.5, { bps: 2_000_000, lost: 0.6 });
		expect(road.steps.map(([, at]) => at)).not.toContain(STILLS);
	});

	test.each([3_000, 4_000, 8_000])("a cut of %d ms is seen when the camera rests at its end, too", (cut) => {
		for (const rests of [false, true]) {
			const road = new Road();
			road.run(20, {});
			// Two seconds without beats end the looks. Two samples are there some time later.
			road.run(1.5, { silent: true });
			road.now += cut - 1_500 + 750;
			for (let dip = 0; rests && dip < 3; dip += 1) {
				road.ladder.rest({ now: road.now, silent: false });
				road.now += 500;
			}
			road.run(rests ? 0.5 : 2, { bps: 2_000_000 });
			road.run(2.5, { bps: 2_000_000, lost: 0.6 });
			expect(road.steps.map(([, at]) => at)).not.toContain(STILLS);
		}
	});

	test("still pictures end by themselves when fewer packets are lost, or the link is wider", () => {
		const road = new Road();
		road.run(20, { lost: 0.4 });
		expect(road.run(10, { lost: 0.2 })).toBe(STILLS);
		expect(road.run(10, { lost: 0.02 })).toBeLessThan(STILLS);
		const narrow = new Road();
		narrow.run(10, { bps: 80_000 });
		expect(narrow.ladder.at).toBe(STILLS);
		expect(narrow.run(8, { bps: 90_000 })).toBe(STILLS);
		expect(narrow.run(5, { bps: 140_000 })).toBe(4);
	});

	test("an estimate that does not grow under still pictures is tested, ever more seldom", () => {
		const road = new Road();
		road.run(10, { bps: 80_000 });
		expect(road.run(60, { bps: 110_000 })).toBe(STILLS);
		road.run(240, (at) => ({ bps: at === STILLS ? 118_000 : 80_000 }));
		const tries = road.steps.filter(([, at]) => at === 4).length;
		expect(tries).toBeGreaterThanOrEqual(2);
		expect(tries).toBeLessThanOrEqual(7);
	});

	test("a short silence, and a dip of the picture, leave heavy loss what it is", () => {
		const road = new Road();
		road.run(20, {});
		for (let round = 0; round < 3 && road.ladder.at !== STILLS; round += 1) {
			road.run(1, { lost: 0.4, silent: true });
			road.run(4, { lost: 0.4 });
		}
		expect(road.ladder.at).toBe(STILLS);
		const dipped = new Road();
		dipped.run(20, {});
		for (let dip = 0; dip < 4; dip += 1) {
			dipped.now += 500;
			dipped.ladder.rest({ now: dipped.now, silent: false });
		}
		expect(dipped.run(3, { lost: 0.4 })).toBe(STILLS);
	});

	test("a link that fails slowly under moving pictures is tried ever more seldom, too", () => {
		const road = new Road();
		road.run(10, { bps: 80_000 });
		let since = 0;
		road.run(300, (at) => {
			if (at === STILLS) since = road.now;
			return { bps: at === STILLS ? 118_000 : 118_000 - (road.now - since) * 2 };
		});
		const tries = road.steps.filter(([, at]) => at === 4).length;
		expect(tries).toBeGreaterThanOrEqual(3);
		expect(tries).toBeLessThanOrEqual(9);
	});

	test("a camera that gives little is no reason to step down", () => {
		expect(new Road().run(30, { camera_fps: 7, sent_fps: 7 })).toBe(0);
	});

	test("a machine that is too slow gets a smaller picture", () => {
		expect(new Road().run(30, (at) => ({ sent_fps: at === 0 ? 12 : (RUNGS[at]?.fps ?? 0) }))).toBeGreaterThan(0);
		const road = new Road();
		road.run(120, { sent_fps: 4 });
		expect(road.steps.map(([, at]) => at)).not.toContain(STILLS);
	});

	test("a call that saves data begins at its rung and climbs no further, and all is back afterwards", () => {
		const road = new Road();
		expect(road.run(1, { top: 3 })).toBe(3);
		expect(road.run(60, { top: 3 })).toBe(3);
		expect(road.run(5, {})).toBe(0);
	});

	test("a new connection is given time, as the first one was", () => {
		const road = new Road();
		road.run(20, {});
		road.ladder.restart(road.now);
		expect(road.run(1.5, { bps: 200_000, sent_fps: 2 })).toBe(0);
	});
});

test.each([
	[0, null, 2_000],
	[10_000, 300_000, 2_000],
	[40_000, 160_000, 3_200],
	[60_000, 100_000, 10_000],
	[40_000, null, 10_000],
])("after a still of %i bytes on a link of %d bit/s the next one comes in %i ms", (bytes, bps, every) => {
	expect(stillEvery(bytes, bps)).toBe(every);
});

describe("packets that wait before a link", () => {
	/** A link that carries so much, under video that obeys and what goes beside it. */
	function run(halves: number, kbit: (at: number) => number, wishes = 200_000): { waits: number[]; sent: number[] } {
		const queueing = new Queueing();
		let [queue_bits, told] = [0, wishes];
		const [waits, sent]: [number[], number[]] = [[], []];
		let rtt = 20;
		for (let half = 0; half < halves; half += 1) {
			const bps = Math.min(told, wishes);
			queue_bits = Math.max(0, queue_bits + (bps + 90_000 - kbit(half) * 1000) / 2);
			waits.push(queue_bits / kbit(half));
			sent.push(bps);
			// Chromium measures a round trip each 2.5 s.
			if (half % 5 === 0) rtt = 20 + queue_bits / kbit(half);
			told = queueing.look(half * 500, rtt, bps, bps) ?? Number.POSITIVE_INFINITY;
		}
		return { waits, sent };
	}

	test("are noticed while they are few, and soon gone", () => {
		// 40 ms a second too much.
		const { waits } = run(240, () => 280);
		expect(Math.max(...waits)).toBeLessThan(300);
	});

	test("where none wait, nothing is held back", () => {
		expect(Math.min(...run(240, () => 300).sent)).toBe(200_000);
	});

	test("a longer way is no queue for ever", () => {
		const queueing = new Queueing();
		const told = Array.from({ length: 120 }, (_, half) =>
			queueing.look(half * 500, half < 20 ? 30 : 330 + (half % 7), 200_000, null),
		);
		expect(told.some((bps) => bps !== null)).toBe(true);
		expect(told.slice(60)).toEqual(Array(60).fill(null));
	});

	test("what waits after a plunge does not hold video below what the link carries", () => {
		const queueing = new Queueing();
		const trips = [20, 20, 300, 500, 20, 20];
		const told = trips.map((trip, at) => queueing.look(at * 2_500, trip, 5_000, 230_000));
		expect(Math.min(...told.map((bps) => bps ?? Number.POSITIVE_INFINITY))).toBeGreaterThan(80_000);
		expect(told[4]).toBeGreaterThan(150_000);
	});

	test("a link that became wider is used at once, or within 10 s", () => {
		for (const estimate of [400_000, 230_000]) {
			const queueing = new Queueing();
			for (const [at, trip] of [20, 90, 300, 20].entries()) {
				queueing.look(at * 2_500, trip, 200_000, 230_000);
			}
			expect(queueing.look(8_000, 21, 170_000, 230_000)).not.toBeNull();
			const wide = estimate > 300_000 ? 8_500 : 16_500;
			expect(queueing.look(wide, 22, 170_000, estimate)).toBeNull();
		}
	});

	test("one late answer holds nothing back, and a new connection knows no earlier way", () => {
		const queueing = new Queueing();
		const told = [20, 20, 400, 20, 20].map((rtt, at) => queueing.look(at * 2_500, rtt, 200_000, null));
		queueing.restart();
		told.push(queueing.look(20_000, 400, 200_000, null), queueing.look(22_500, 410, 200_000, null));
		expect(told).toEqual(Array(7).fill(null));
	});
});

describe("a dip that makes the browser look for more", () => {
	const KBIT = 1_000;
	/** Estimates of half seconds; returns the seconds in which video was held down. */
	function dips(...estimates: number[]): number[] {
		const probing = new Probing();
		return estimates.flatMap((kbit, at) => (probing.look(at * 500, kbit * KBIT) === null ? [] : [at / 2]));
	}
	const still = (half_seconds: number, kbit: number) =>
		Array.from({ length: half_seconds }, (_, at) => kbit * (at % 4 === 0 ? 1 : 0.9));
	/** Growth as Chromium's, 8 % a second. */
	const grows = (half_seconds: number, kbit: number) =>
		Array.from({ length: half_seconds }, (_, at) => kbit * 1.04 ** (at + 1));

	test("nothing is tried where the estimate stays, or is high enough", () => {
		expect(dips(...still(240, 300))).toEqual([]);
		expect(dips(...grows(10, 1_700))).toEqual([]);
	});

	test("when it leaves its height, once, within 3 s", () => {
		expect(dips(...still(40, 250), ...grows(7, 250), ...still(10, 1_800))).toEqual([21.5, 22, 22.5]);
	});

	test("not while the other person's link is the narrower one, and at once when it is so no more", () => {
		const probing = new Probing();
		const found: number[] = [];
		for (let half = 0; half < 60; half += 1) {
			const wide = half >= 40;
			const up = (wide ? 420 : 240 + 60 * (half % 3)) * KBIT;
			if (probing.look(half * 500, up, (wide ? 1_500 : 260) * KBIT) !== null) found.push(half / 2);
		}
		expect(found[0]).toBe(20);
		expect(found.filter((second) => second < 20)).toEqual([]);
	});

	test("a thin link of one's own is left in peace, however wide the other one is", () => {
		const probing = new Probing();
		const tries = still(240, 300).filter((kbit, at) => probing.look(at * 500, kbit * KBIT, 2_500 * KBIT) !== null);
		expect(tries).toEqual([]);
	});

	test.each([
		["at once", []],
		["step by step", [2_125, 1_806, 1_535, 1_000]],
	])("nor when it falls from the height of the other one, %s", (_, steps) => {
		const probing = new Probing();
		const falls = [...still(20, 2_500), ...steps, ...still(20, 270)];
		const tries = falls.filter((kbit, at) => probing.look(at * 500, kbit * KBIT, 2_500 * KBIT) !== null);
		expect(tries).toEqual([]);
	});

	test("after a fall it must have settled first", () => {
		const [first] = dips(...still(20, 2_000), ...grows(40, 200));
		expect(first).toBe(15);
	});

	test("what found nothing is tried again later and later", () => {
		const found = dips(...still(20, 200), ...grows(160, 200).map((kbit) => Math.min(kbit, 1_600)));
		const begun = found.filter((second, at) => second - (found[at - 1] ?? 0) > 1);
		expect(begun.length).toBeGreaterThanOrEqual(2);
		const waits = begun.slice(1).map((second, at) => second - (begun[at] ?? 0));
		expect(waits.every((wait, at) => wait >= 4 + 8 * at)).toBe(true);
	});

	test("a new connection is not held down for what the one before was", () => {
		const probing = new Probing();
		for (const [at, kbit] of still(20, 2_500).entries()) probing.look(at * 500, kbit * KBIT, 2_500 * KBIT);
		probing.restart();
		expect(probing.look(10_500, 900 * KBIT, 2_500 * KBIT)).toBeNull();
	});

	test("a new connection begins again", () => {
		const probing = new Probing();
		for (const [at, kbit] of still(40, 250).entries()) probing.look(at * 500, kbit * KBIT);
		probing.restart();
		expect(probing.look(20_500, 600 * KBIT)).toBeNull();
	});
});
