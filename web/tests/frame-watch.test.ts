import { expect, test } from "vitest";
import { FrameWatch, type Look } from "../src/link/media/frame-watch";

const LOOK_MS = 400;

/** What a watch says of a camera, look by look, and when it said it first. */
function watched(for_ms: number, seen: (now: number) => Omit<Look, "now">, from = 0, watch = new FrameWatch()) {
	const dead: number[] = [];
	const paused: number[] = [];
	for (let now = from; now <= from + for_ms; now += LOOK_MS) {
		const verdict = watch.look({ now, ...seen(now) });
		if (verdict.dead) dead.push(now - from);
		if (verdict.paused) paused.push(now - from);
	}
	return { dead, paused, watch };
}

const moving = (now: number) => ({ frames: Math.floor(now / 33), muted: false });

test("a picture that moves is neither dead nor paused, however slowly", () => {
	expect(watched(60_000, moving)).toMatchObject({ dead: [], paused: [] });
	expect(watched(60_000, (now) => ({ frames: Math.floor(now / 1_000), muted: false }))).toMatchObject({ dead: [] });
});

test("a live track without frames is requested again within 3 s, from the first frame on or later", () => {
	const never = watched(20_000, () => ({ frames: 0, muted: false }));
	expect(never.dead[0]).toBeLessThan(2_600);
	for (const stop of [4_000, 4_150, 4_399]) {
		const { dead } = watched(20_000, (now) => moving(Math.min(now, stop)));
		expect((dead[0] ?? Number.POSITIVE_INFINITY) - stop).toBeGreaterThan(1_500);
		expect((dead[0] ?? Number.POSITIVE_INFINITY) - stop).toBeLessThan(2_600);
	}
});

test("a browser that mutes a track because its frames are missing does not hide that it is dead", () => {
	for (const after of [834, 1_000, 1_700]) {
		for (const stop of [4_000, 4_150, 4_399]) {
			const { dead } = watched(20_000, (now) => ({
				frames: Math.floor(Math.min(now, stop) / 33),
				muted: now - stop > after,
			}));
			expect((dead[0] ?? Number.POSITIVE_INFINITY) - stop).toBeLessThan(2_600);
		}
	}
});

test.each([true, false])(
	"a track that the system mutes is paused after 5 s, and nothing is requested (frames: %s)",
	(flow) => {
		const from = 4_010;
		const until = 14_010;
		const { dead, paused } = watched(20_000, (now) => ({
			frames: Math.floor((flow || now < from || now > until ? now : from) / 33),
			muted: now >= from && now <= until,
		}));
		expect(dead).toEqual([]);
		expect((paused[0] ?? 0) - from).toBeGreaterThan(4_900);
		expect((paused[0] ?? 0) - from).toBeLessThan(5_900);
		expect((paused.at(-1) ?? 0) - until).toBeLessThan(LOOK_MS);
	},
);

test("a camera that stays dead is requested less and less often, and is paused meanwhile", () => {
	const { dead, paused } = watched(300_000, () => ({ frames: 7, muted: false }));
	expect(dead.length).toBeGreaterThan(4);
	expect(dead.length).toBeLessThan(9);
	expect(paused.length).toBeGreaterThan(700);
});

test("a camera that died, came back and flowed for a while is helped as quickly the next time", () => {
	const { watch } = watched(5_000, () => ({ frames: 7, muted: false }));
	watched(20_000, moving, 5_400, watch);
	const { dead } = watched(10_000, () => ({ frames: 7, muted: false }), 25_800, watch);
	expect(dead[0]).toBeLessThan(2_600);
});

test("a page that stood still, and frames that nobody can count, say nothing", () => {
	const watch = new FrameWatch();
	let frames = 0;
	for (let now = 0; now < 60_000; now += 3_000) {
		expect(watch.look({ now, frames: frames++ % 2, muted: false })).toEqual({ dead: false, paused: false });
	}
	expect(watched(60_000, () => ({ frames: null, muted: false }))).toMatchObject({ dead: [], paused: [] });
});
