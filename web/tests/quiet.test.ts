// When a connection counts as quiet, and what the page does then.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Quiet } from "../src/link/vitals/quiet";
import { leaveFakeBrowser, Scene, tick, useFakeBrowser } from "./scene";

/** How long after the last byte the connection counted as quiet, milliseconds; null: never. */
function quietAfter(
	comes: (ms: number) => boolean,
	ends: number,
	{ look_ms = 250, flows = true }: { look_ms?: number; flows?: boolean } = {},
): number | null {
	const quiet = new Quiet();
	let came = 0;
	let looked = 0;
	for (let ms = 0; ms <= ends + 5_000; ms += 10) {
		if (ms < ends && comes(ms)) came += 100;
		if (ms - looked < (quiet.pauses ? Math.min(100, look_ms) : look_ms)) continue;
		looked = ms;
		if (quiet.look(ms, came, flows) !== null) return ms - ends;
	}
	return null;
}

describe("a connection is quiet", () => {
	const every = (gap: number) => (ms: number) => ms % gap === 0;
	test.each<[string, (ms: number) => boolean, number]>([
		["soon, where media flows", every(20), 760],
		["later, where only beats come", every(500), 1_500],
		["later, where media is cut up", (ms) => ms % 1_000 < 400, 2_000],
		["after 2 s, where anything comes once a second", every(1_000), 2_300],
		["soon, once media flows after a slow beginning", (ms) => ms % (ms < 6_000 ? 500 : 20) === 0, 760],
	])("%s", (_, comes, within) => {
		const after = quietAfter(comes, 12_000);
		expect(after).not.toBeNull();
		expect(after).toBeGreaterThan(400);
		expect(after).toBeLessThanOrEqual(within);
	});

	test.each<[string, (ms: number) => boolean]>([
		["media flows", every(20)],
		["beats come", every(500)],
		["every fourth beat is lost", (ms) => ms % 500 === 0 && ms % 2_000 !== 0],
		["nothing comes for 700 ms now and then", (ms) => ms % 3_000 > 700],
	])("never while %s", (_, comes) => expect(quietAfter(comes, 60_000)).toBeGreaterThan(0));

	test("not on a page whose timers stand still, which sees what comes all the same", () => {
		expect(quietAfter(every(20), 12_000, { look_ms: 1_000 })).toBeNull();
		const quiet = new Quiet();
		for (let ms = 0; ms <= 5_000; ms += 1_000) quiet.look(ms, ms, true);
		for (let ms = 6_000; ms <= 9_000; ms += 1_000) quiet.look(ms, 5_000, true);
		expect(quiet.came_at).toBe(5_000);
	});

	test("not while sound and picture end and only beats are left, some of which are lost", () => {
		const ends = (ms: number) => (ms < 6_000 ? ms % 20 === 0 : ms % 500 === 0 && ms % 1_500 !== 0);
		expect(quietAfter(ends, 60_000, { flows: false })).toBeGreaterThan(0);
	});

	test("where its pairs are no longer counted, because their network is gone", () => {
		const quiet = new Quiet();
		for (let ms = 0; ms <= 3_000; ms += 250) quiet.look(ms, 5_000 + ms, true);
		expect(quiet.look(3_250, null, true)).toBeNull();
		expect(quiet.look(3_500, 100, true)).not.toBeNull();
		expect(quiet.look(3_600, null, true)).toBe(3_500);
		expect(quiet.look(3_700, 200, true)).toBeNull();
		expect(quiet.came_at).toBe(3_700);
	});

	test("never where a browser counts nothing", () => {
		const quiet = new Quiet();
		for (let ms = 0; ms <= 9_000; ms += 250) expect(quiet.look(ms, null, true)).toBeNull();
		expect(quiet.came_at).toBe(Number.NEGATIVE_INFINITY);
	});

	test("not at the first look at another connection, which counts from 0", () => {
		const quiet = new Quiet();
		for (let ms = 0; ms < 3_000; ms += 250) quiet.look(ms, 5_000, true);
		expect(quiet.look(3_000, 5_000, true)).not.toBeNull();
		quiet.restart();
		expect(quiet.came_at).toBe(Number.NEGATIVE_INFINITY);
		expect(quiet.look(3_250, 0, true)).toBeNull();
		expect(quiet.look(3_500, 0, true)).toBeNull();
	});
});

describe("in a call", () => {
	let scene: Scene;
	let came: number;
	beforeEach(useFakeBrowser);
	afterEach(() => {
		scene.call.close();
		leaveFakeBrowser();
	});

	/** Media comes for this time. */
	async function flows(ms: number): Promise<void> {
		for (let at = 0; at < ms; at += 100) {
			came += 1_000;
			await tick(100);
		}
	}

	async function opened(): Promise<void> {
		scene = await Scene.open("customer");
		scene.happens({ type: "media_changed", seat: "agent", microphone: true, camera: false });
		came = 0;
		const pair = { type: "candidate-pair", nominated: true };
		// A pair that served before stays nominated.
		const report = () =>
			new Map([
				["before", { ...pair, bytesReceived: 70_000 }],
				["now", { ...pair, bytesReceived: came }],
			]);
		Object.assign(scene.leg.pc, { getReceivers: () => [{ getStats: async () => report() }] });
		await flows(11_000);
		expect(scene.world.legs).toHaveLength(1);
	}

	test("another connection is under way soon after the last byte, before the page says a word", async () => {
		await opened();
		await tick(1_300);
		expect(scene.world.legs).toHaveLength(2);
		expect(scene.said("offer")).toHaveLength(2);
		expect(scene.call.connection.value).toEqual({ state: "live" });
	});

	test("where the server is silent as well only its connection gets a successor", async () => {
		await opened();
		scene.lives = false;
		const { wire } = scene;
		await tick(1_500);
		expect(scene.world.legs).toHaveLength(1);
		expect(scene.wire).not.toBe(wire);
		// The device has another address: the successor reaches the server, and so does an offer.
		scene.wire.attach({ holds_seat: true, head: 4, other_here: true, now_ms: Date.now() });
		await tick(500);
		expect(scene.world.legs).toHaveLength(2);
		expect(scene.said("offer")).toHaveLength(1);
	});

	test("a network that is back in time replaces nothing", async () => {
		await opened();
		scene.lives = false;
		await tick(700);
		scene.hear({ topic: "session", type: "pong", head: 4, now_ms: scene.now_ms });
		scene.lives = true;
		await flows(10_000);
		expect(scene.world.wires).toHaveLength(1);
		expect(scene.world.legs).toHaveLength(1);
		expect(scene.call.connection.value).toEqual({ state: "live" });
	});
});
