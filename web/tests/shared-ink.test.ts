import { effect } from "@preact/signals";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Passing, Point, EventKind } from "../src/wire/generated";
import { fakeWorld } from "./fakes";
import { leaveFakeBrowser, Scene, tick, useFakeBrowser } from "./scene";

let scene: Scene;

beforeEach(useFakeBrowser);
afterEach(() => {
	scene.call.close();
	leaveFakeBrowser();
});

const marks = () => scene.shared.board.value?.strokes.map(({ mark }) => mark);
const growing = () => scene.shared.growing.value.map(({ mark }) => mark);

function piece(picture: number, mark: number, step: number, line: number[], start = 0): Passing {
	return { type: "ink", picture, mark, step, tool: "pen", start, line };
}

function drawn(picture: number, mark: number, line: number[]): EventKind {
	return { type: "drawn", seat: "agent", picture, stroke: { mark, tool: "pen", line } };
}

test("the first point is sent at once, further ones every 25 ms, the last before the stroke is queued", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	const drawing = scene.shared.draw("pen", [100, 100]);
	expect(scene.passed).toMatchObject([{ type: "ink", picture, step: 0, start: 0, line: [100, 100] }]);
	for (let at = 1; at <= 10; at += 1) {
		drawing?.add([[100 + at * 1_000, 100]]);
		await tick(5);
	}
	expect(scene.passed).toHaveLength(3);
	drawing?.add([[20_000, 100]]);
	expect(drawing?.ink.value).toMatchObject({ tool: "pen" });
	drawing?.finish();
	const last = scene.passed.at(-1);
	expect(last?.type === "ink" && last.tool === "pen" && last.line.slice(-2)).toEqual([20_000, 100]);
	expect(drawing?.ink.value).toBeNull();
	expect(marks()).toEqual([drawing?.mark]);
	expect(scene.shared.board.value?.strokes[0]?.pending).toBe(true);
	expect(scene.last("draw")).toMatchObject({ picture, strokes: [{ mark: drawing?.mark, tool: "pen" }] });
	expect(last).toMatchObject({ done: true });
	const before = scene.passed.length;
	drawing?.add([[1, 1]]);
	drawing?.finish();
	await tick(1_000);
	// Messages may be lost, so the last one is said three times.
	expect(scene.passed.slice(before)).toEqual([last, last]);
	expect(scene.said("draw")).toHaveLength(1);
});

test("a resting hand keeps its stroke growing for the other page, and sends nothing more once it is lifted", async () => {
	scene = await Scene.open("customer");
	await scene.board();
	for (const tool of ["pen", "box"] as const) {
		for (const lift of ["finish", "drop"] as const) {
			const before = scene.passed.length;
			const drawing = scene.shared.draw(tool, [100, 100]);
			drawing?.add([[9_000, 9_000]]);
			await tick(100);
			const last = scene.passed.at(-1);
			const moved = scene.passed.length;
			await tick(9_500);
			expect(scene.passed.slice(moved)).toEqual([last, last, last]);
			drawing?.[lift]();
			await tick(1_000);
			const rest = scene.passed.length;
			expect(rest).toBeGreaterThan(before);
			await tick(20_000);
			expect(scene.passed).toHaveLength(rest);
		}
	}
});

test("a stroke that the other page repeats goes on growing, one that it does not repeat goes after ten seconds", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	scene.hearPassing(piece(picture, 7, 0, [0, 0, 5, 5]));
	for (let times = 0; times < 6; times += 1) {
		await tick(3_000);
		scene.hearPassing(piece(picture, 7, 0, [0, 0, 5, 5]));
		expect(growing()).toEqual([7]);
	}
	await tick(9_000);
	expect(growing()).toEqual([7]);
	await tick(2_000);
	expect(growing()).toEqual([]);
});

test("a finished stroke stays until the log tells, however long that takes, and while its author counts as lost", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	scene.hearPassing({ ...piece(picture, 7, 0, [0, 0, 5, 5]), done: true } as Passing);
	scene.hearPassing(piece(picture, 8, 0, [0, 0, 5, 5]));
	await tick(60_000);
	expect(growing()).toEqual([7]);
	scene.happens({ type: "lost", seat: "agent" });
	await tick(60_000);
	scene.happens({ type: "resumed", seat: "agent" });
	expect(growing()).toEqual([7]);
	scene.happens(drawn(picture, 7, [0, 0, 5, 5]));
	expect([growing(), marks()]).toEqual([[], [7]]);
});

test("a finished stroke that the log passes over goes after ten seconds, one that is dropped at once", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	for (const mark of [7, 9]) {
		scene.hearPassing({ ...piece(picture, mark, 0, [0, 0, 5, 5]), done: true } as Passing);
	}
	scene.hearPassing({ type: "dropped", picture, mark: 9 });
	expect(growing()).toEqual([7]);
	scene.happens(drawn(picture, 8, [0, 0, 5, 5]));
	await tick(9_000);
	expect(growing()).toEqual([7]);
	await tick(2_000);
	expect(growing()).toEqual([]);
});

test("without the channel ink goes over the socket, ten times a second at most", async () => {
	scene = await Scene.open("customer", undefined, { live: false });
	const picture = await scene.board();
	const drawing = scene.shared.draw("pen", [0, 0]);
	for (let at = 1; at <= 200; at += 1) {
		drawing?.add([[at * 300, 100]]);
		await tick(5);
	}
	const said = scene.said("passing");
	expect(said.length).toBeGreaterThanOrEqual(9);
	expect(said.length).toBeLessThanOrEqual(11);
	expect(said[0]?.passing).toMatchObject({ type: "ink", picture });
	await scene.connect();
	drawing?.add([[65_000, 60_000]]);
	await tick(200);
	expect(scene.said("passing").length).toBeLessThanOrEqual(12);
	expect(scene.passed.length).toBeGreaterThan(0);
});

test("a channel that is full waits and loses nothing", async () => {
	scene = await Scene.open("customer");
	await scene.board();
	const drawing = scene.shared.draw("pen", [0, 0]);
	scene.leg.live.bufferedAmount = 100_000;
	for (let at = 1; at <= 40; at += 1) {
		drawing?.add([[at * 1_000, 0]]);
		await tick(10);
	}
	expect(scene.passed).toHaveLength(1);
	scene.leg.live.bufferedAmount = 0;
	await tick(50);
	const said = new Set(scene.passed.flatMap((one) => (one.type === "ink" && one.tool === "pen" ? one.line : [])));
	for (let at = 0; at <= 40; at += 1) expect(said).toContain(at * 1_000);
});

test("when no page is at the other end of the channel, the socket serves", async () => {
	scene = await Scene.open("agent");
	await scene.board();
	scene.lives = false;
	scene.leg.beat({ other_here: false });
	scene.shared.draw("pen", [1, 1]);
	expect(scene.passed).toEqual([]);
	expect(scene.said("passing")).toHaveLength(1);
});

test("a dropped stroke is announced more than once, and nothing of it reaches the log", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	const drawing = scene.shared.draw("pen", [1, 1]);
	drawing?.add([[9_000, 9_000]]);
	drawing?.drop();
	await tick(2_000);
	expect(scene.passed.filter((one) => one.type === "dropped")).toEqual(
		[0, 1, 2].map(() => ({ type: "dropped", picture, mark: drawing?.mark })),
	);
	drawing?.finish();
	expect(scene.said("draw")).toEqual([]);
	const arrow = scene.shared.draw("arrow", [5, 5]);
	arrow?.finish();
	expect(scene.said("draw")).toEqual([]);
});

test("the other's stroke grows, and in the moment it is finished it is the log's, whatever came in which order", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	const line = [0, 0, 1_000, 1_000, 2_000, 2_000];
	await fc.assert(
		fc.asyncProperty(
			fc.integer({ min: 0, max: 2 ** 32 - 1 }),
			fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }),
			fc.integer({ min: 0, max: 5 }),
			async (mark, order, finish) => {
				let [seen, both, lost] = [false, false, false];
				const watch = (): void => {
					const [grows, stands] = [growing().includes(mark), marks()?.includes(mark) === true];
					both ||= grows && stands;
					lost ||= seen && !grows && !stands;
					seen ||= grows || stands;
				};
				const unwatch = [scene.shared.board.subscribe(watch), scene.shared.growing.subscribe(watch)];
				for (const [at, which] of order.entries()) {
					if (at === finish) scene.happens(drawn(picture, mark, line));
					const step = which % 3;
					scene.hearPassing(piece(picture, mark, step, line.slice(2 * step), step));
				}
				if (finish >= order.length) scene.happens(drawn(picture, mark, line));
				expect({ both, lost }).toEqual({ both: false, lost: false });
				expect(growing()).not.toContain(mark);
				expect(marks()?.filter((one) => one === mark)).toHaveLength(1);
				for (const one of unwatch) one();
				scene.happens({ type: "cleared", picture });
			},
		),
		{ numRuns: 100 },
	);
});

test("a stroke that was finished and taken back in one breath does not go on growing", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	scene.hearPassing(piece(picture, 7, 0, [0, 0]));
	expect(growing()).toEqual([7]);
	const id = scene.seq + 1;
	scene.happens(
		drawn(picture, 7, [0, 0]),
		{ type: "undone", seat: "agent", picture, strokes: [id] },
		drawn(picture, 8, [5, 5]),
	);
	expect(growing()).toEqual([]);
	scene.hearPassing(piece(picture, 7, 1, [0, 0, 9, 9]));
	expect(growing()).toEqual([]);
	expect(marks()).toEqual([8]);
});

test("a stroke that is not repeated goes by itself; nonsense and other pictures' strokes are not shown", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	scene.hearPassing(piece(picture, 7, 0, [0, 0]));
	scene.hearPassing(piece(picture + 1, 8, 0, [0, 0]));
	for (const text of [
		"",
		"{",
		"null",
		'{"type":"ink"}',
		'{"type":"ink","picture":4,"mark":1,"step":0,"tool":"pen","start":0,"line":[1e9,0]}',
	]) {
		scene.leg.hears.text(text);
	}
	expect(growing()).toEqual([7]);
	await tick(10_100);
	expect(growing()).toEqual([]);
});

test("ink that comes over the socket is shown", async () => {
	scene = await Scene.open("agent");
	const picture = await scene.board();
	scene.hear({ topic: "annotation", type: "passing", passing: piece(picture, 9, 0, [1, 1]) });
	expect(scene.shared.growing.value).toMatchObject([{ mark: 9, seat: "customer", pending: true }]);
});

test("the agent points: throttled, repeated while at rest, and a stop", async () => {
	scene = await Scene.open("agent");
	for (let at = 0; at < 100; at += 1) {
		scene.shared.point("live", [at * 100, 0]);
		await tick(2);
	}
	expect(scene.passed.length).toBeLessThanOrEqual(10);
	expect(scene.passed[0]).toEqual({ type: "pointer", at: [0, 0] });
	await tick(3_000);
	const rest = scene.passed.length;
	expect(scene.passed.at(-1)).toEqual({ type: "pointer", at: [9_900, 0] });
	await tick(30_000);
	expect(scene.passed.length).toBeLessThanOrEqual(rest + 10);
	scene.shared.point("live", null);
	scene.shared.point("live", null);
	await tick(2_000);
	expect(scene.passed.filter((one) => one.type === "pointer" && one.at === undefined)).toHaveLength(2);
	const picture = await scene.board();
	scene.shared.point("board", [1.6, 70_000]);
	await tick(100);
	expect(scene.passed.at(-1)).toEqual({ type: "pointer", picture, at: [2, 65_535] });
});

test("the customer sees the pointer for 3 s after its last message, on what both look at, and never points themselves", async () => {
	scene = await Scene.open("customer");
	const at: Point = [10, 20];
	scene.hearPassing({ type: "pointer", at });
	expect(scene.shared.pointer.value).toEqual({ seat: "agent", picture: null, at });
	await tick(2_900);
	expect(scene.shared.pointer.value).not.toBeNull();
	await tick(200);
	expect(scene.shared.pointer.value).toBeNull();
	scene.hearPassing({ type: "pointer", at });
	const picture = await scene.board();
	expect(scene.shared.pointer.value).toBeNull();
	scene.hearPassing({ type: "pointer", at });
	expect(scene.shared.pointer.value).toBeNull();
	scene.hearPassing({ type: "pointer", picture, at });
	expect(scene.shared.pointer.value).toMatchObject({ picture });
	scene.happens({ type: "media_changed", seat: "agent", microphone: true, camera: false });
	expect(scene.shared.pointer.value).toMatchObject({ picture });
	scene.hearPassing({ type: "pointer", picture });
	expect(scene.shared.pointer.value).toBeNull();
	scene.shared.point("board", at);
	await tick(100);
	expect(scene.passed).toEqual([]);
	scene.call.close();

	scene = await Scene.open("agent");
	scene.hearPassing({ type: "pointer", at });
	expect(scene.shared.pointer.value).toBeNull();
});

test("undo, redo, text and steps are queued; strokes keep their identity while none changes", async () => {
	scene = await Scene.open("agent");
	const picture = await scene.board();
	expect(scene.shared.board.value).toMatchObject({ canUndo: false, canRedo: false, canClear: false, full: false });
	expect(scene.shared.nextStep()).toBe(1);
	scene.shared.put({ tool: "step", at: [1, 1], number: 1 });
	expect(scene.shared.nextStep()).toBe(2);
	scene.shared.put({ tool: "text", at: [1, 1], text: " \u200B " });
	expect(scene.shared.board.value?.strokes).toHaveLength(1);
	scene.shared.put({ tool: "text", at: [1, 1], text: `  a\u0007b${"x".repeat(100)}` });
	const strokes = scene.shared.board.value?.strokes;
	expect(strokes?.[1]?.ink).toMatchObject({ text: `a b${"x".repeat(77)}` });
	scene.happens({ type: "media_changed", seat: "customer", microphone: false, camera: true });
	expect(scene.shared.board.value?.strokes).toBe(strokes);
	scene.shared.undo();
	expect(scene.shared.board.value).toMatchObject({ canUndo: true, canRedo: true });
	expect(scene.shared.board.value?.strokes).toHaveLength(1);
	scene.shared.redo();
	expect(scene.shared.board.value?.strokes).toHaveLength(2);
	scene.shared.undoAll();
	expect(scene.shared.board.value?.strokes).toHaveLength(0);
	expect(scene.last("draw")).toMatchObject({ picture });
});

test("after the end nothing is sent on the channel", async () => {
	scene = await Scene.open("agent");
	await scene.board();
	const drawing = scene.shared.draw("pen", [1, 1]);
	scene.shared.point("board", [1, 1]);
	drawing?.add([[30_000, 1]]);
	const { leg } = scene;
	const before = leg.said.length;
	scene.call.close();
	drawing?.add([[60_000, 1]]);
	drawing?.finish();
	scene.shared.point("board", [2, 2]);
	await tick(20_000);
	expect(leg.said).toHaveLength(before);
});

test("the drawing part is loaded later if the network failed at first; placed shapes do not need it", async () => {
	const world = fakeWorld();
	const { loadLive } = world;
	world.loadLive = () => Promise.reject(new Error("offline"));
	scene = await Scene.open("agent", world);
	const picture = await scene.board();
	scene.hearPassing(piece(picture, 7, 0, [0, 0]));
	expect(scene.shared.draw("pen", [1, 1])).toBeNull();
	expect(growing()).toEqual([]);
	scene.shared.put({ tool: "step", at: [1, 1], number: 1 });
	expect(marks()).toHaveLength(1);
	world.loadLive = loadLive;
	scene.shared.draw("pen", [1, 1]);
	await tick();
	expect(scene.shared.draw("pen", [1, 1])).not.toBeNull();
	scene.hearPassing(piece(picture, 8, 0, [0, 0]));
	expect(growing()).toEqual([8]);
});

test("own strokes come back after a reload, before they are in the log", async () => {
	const first = await Scene.open("customer");
	const picture = await first.board();
	const drawing = first.shared.draw("box", [1, 1]);
	drawing?.add([[5_000, 5_000]]);
	drawing?.finish();
	scene = await first.reload([
		{ type: "joined", seat: "agent", name: "Ada", video_only: false },
		{ type: "joined", seat: "customer", name: "Bob", video_only: false },
		{ type: "media_changed", seat: "customer", microphone: true, camera: true },
		{ type: "capture_asked", seat: "agent" },
	]);
	expect(scene.shared.board.value?.picture.id).toBe(picture);
	expect(marks()).toEqual([drawing?.mark]);
});

test("growing strokes go: after silence, with their page, with the board", async () => {
	scene = await Scene.open("agent");
	const picture = await scene.board();
	let seen: number[] = [];
	const unwatch = effect(() => {
		seen = scene.shared.growing.value.map(({ mark }) => mark);
	});
	const grow = (): void => {
		scene.hearPassing(piece(picture, 7, 0, [0, 0]));
		expect(seen).toEqual([7]);
	};
	grow();
	await tick(10_100);
	expect(seen).toEqual([]);
	grow();
	scene.hear({ topic: "session", type: "connection", seat: "customer", here: false });
	expect(seen).toEqual([]);
	for (const what of [
		{ type: "lost", seat: "customer" },
		{ type: "moved", seat: "customer", name: "Bob", video_only: false },
		{ type: "board_closed", seat: "customer", picture },
	] as const) {
		grow();
		scene.happens(
			{ type: "media_changed", seat: "customer", microphone: true, camera: true },
			{ type: "resumed", seat: "agent" },
		);
		expect(seen).toEqual([7]);
		scene.happens(what);
		expect(seen).toEqual([]);
	}
	scene.happens({ type: "board_opened", seat: "agent", picture });
	expect(seen).toEqual([]);
	unwatch();
});

test("the pointer goes with its page, and ink that comes before its board is shown with it", async () => {
	scene = await Scene.open("customer");
	scene.hearPassing({ type: "pointer", at: [1, 1] });
	scene.happens({ type: "lost", seat: "agent" });
	expect(scene.shared.pointer.value).toBeNull();
	const picture = scene.seq + 1;
	scene.hearPassing(piece(picture, 7, 0, [0, 0]));
	expect(growing()).toEqual([]);
	await scene.board();
	expect(growing()).toEqual([7]);
});
