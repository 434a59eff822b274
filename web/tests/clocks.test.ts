// Somebody sets the device's clock in the middle of a call.

import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { minutes, now } from "../src/ui/clock";
import { kept, leaveFakeBrowser, Scene, tick, useFakeBrowser } from "./scene";

const HOUR_MS = 3_600_000;
/** How often a page asks the server for a sign of life. */
const PING_MS = 25_000;
let scene: Scene;

beforeEach(useFakeBrowser);
afterEach(() => {
	scene?.call.close();
	leaveFakeBrowser();
});

/** The call's length as `CallTimer` shows it. */
function callTime(): string {
	const { view, clockOffset } = scene.call;
	return minutes(now.value + clockOffset.value - (view.value.live_since_ms ?? 0));
}

test.each([HOUR_MS, -HOUR_MS])("set by %i ms: the customer's page takes the agent's picture at once", async (by_ms) => {
	scene = await Scene.open("customer");
	await tick(10_000);
	scene.setDeviceClock(by_ms);
	await tick(100);
	const picture = await scene.shutter("agent");
	expect(scene.world.darkroom.diary).toContain("grab");
	expect(scene.last("slot").upload).toMatchObject({ kind: "sharp", picture });
	expect(scene.shared.board.value?.capture).toMatchObject({ state: "coming" });
});

test.each([HOUR_MS, -HOUR_MS])(
	"set by %i ms: the agent's page waits for the picture as long as ever",
	async (by_ms) => {
		scene = await Scene.open("agent");
		await tick(10_000);
		scene.setDeviceClock(by_ms);
		const picture = await scene.shutter("agent");
		await tick(7_900);
		expect(scene.shared.board.value?.capture).toMatchObject({ state: "coming" });
		await tick(200);
		expect(scene.shared.board.value?.capture).toMatchObject({ state: "failed", why: "late" });
		scene.happens(kept(picture));
		expect(scene.shared.board.value?.capture).toMatchObject({ state: "coming" });
	},
);

test.each([HOUR_MS, -HOUR_MS])(
	"set by %i ms: the call's time goes on, and a line has the server's time",
	async (by_ms) => {
		scene = await Scene.open("customer");
		const unwatch = now.subscribe(() => undefined);
		await tick(61_000);
		expect(callTime()).toBe("1:01");
		scene.setDeviceClock(by_ms);
		await tick(2_000);
		expect(callTime()).toBe("1:03");
		scene.call.say("hello");
		const line = [...scene.call.view.value.lines].at(-1);
		expect(Math.abs((line?.at_ms ?? 0) - scene.now_ms)).toBeLessThan(1_000);
		await tick(60_000);
		expect(callTime()).toBe("2:03");
		unwatch();
	},
);

test("a device that slept, whose page clock stood still, learns the server's time again", async () => {
	scene = await Scene.open("agent");
	const before = scene.call.clockOffset.value;
	// The page's clock stood still for 90 s: to the page, the server's clock was set forward.
	scene.setDeviceClock(-90_000);
	await tick(26_000);
	expect(scene.call.clockOffset.value).toBe(before);
	scene.hear({ topic: "session", type: "pong", head: scene.seq, now_ms: scene.now_ms + 90_000 });
	expect(Math.abs(scene.call.clockOffset.value - before - 90_000)).toBeLessThan(10);
});

test("a late answer does not set the call's time back, and a server whose clock was set back does", async () => {
	scene = await Scene.open("agent");
	const before = scene.call.clockOffset.value;
	const pong = (now_ms: number): void => scene.hear({ topic: "session", type: "pong", head: scene.seq, now_ms });
	await tick(PING_MS + 4_500);
	pong(scene.now_ms - 4_000);
	expect(scene.call.clockOffset.value).toBe(before);
	await tick(PING_MS);
	pong(scene.now_ms - 90_000);
	expect(Math.abs(scene.call.clockOffset.value - before + 90_000)).toBeLessThan(10);
});

test("no page measures time with the device's clock", () => {
	const SRC = new URL("../src/", import.meta.url);
	for (const name of readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((one) => /\.tsx?$/.test(one))) {
		const text = readFileSync(new URL(name, SRC), "utf8");
		const read = /Date\.now\(|new Date\(\)\.getTime\(|\+new Date/.exec(text)?.[0];
		expect(read, `${name}: performance.now(), or World.clock with the call's clockOffset`).toBeUndefined();
	}
});
