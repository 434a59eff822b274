import { afterEach, beforeEach, expect, test } from "vitest";
import { seen } from "./fakes";
import { kept, leaveFakeBrowser, Scene, tick, useFakeBrowser } from "./scene";

let scene: Scene;

beforeEach(useFakeBrowser);
afterEach(() => {
	scene.call.close();
	leaveFakeBrowser();
});

const ink = (mark: number) => ({ mark, tool: "box" as const, from: [0, 0] as [number, number], to: [mark, mark] as [number, number] });

test("send waits for this page's own strokes, and composes what stands in the log at `through`", async () => {
	scene = await Scene.open("agent");
	scene.happens({ type: "zone_told", utc_offset_min: 60 });
	const picture = await scene.board();
	scene.happens({ type: "drawn", seat: "customer", picture, stroke: ink(1) });
	const gone = scene.happens({ type: "drawn", seat: "customer", picture, stroke: ink(2) });
	scene.happens({ type: "undone", seat: "customer", picture, strokes: [gone] });
	scene.shared.put({ tool: "box", from: [0, 0], to: [9, 9] });
	const sent = scene.shared.send();
	await tick();
	expect(scene.shared.sending.value).toEqual({ state: "composing" });
	expect(scene.world.darkroom.sheets).toEqual([]);
	const own = scene.last("draw").strokes[0];
	// Answered, but its event is still on its way.
	scene.hear({ topic: "session", type: "done", n: scene.last("draw").n, head: scene.seq + 1 });
	await tick();
	expect(scene.world.darkroom.sheets).toEqual([]);
	const through = scene.happens({ type: "drawn", seat: "agent", picture, stroke: own ?? ink(3) });
	await tick();
	const [sheet] = scene.world.darkroom.sheets;
	expect(sheet?.strokes.map(({ seat, mark }) => [seat, mark])).toEqual([["customer", 1], ["agent", own?.mark]]);
	expect(sheet?.base).toMatchObject({ width: 1920, height: 1080 });
	expect(sheet?.who).toEqual({ agent: "A", customer: "B" });
	expect(sheet?.stamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+01:00$/);
	// What comes while it is composed is not on it.
	scene.happens({ type: "drawn", seat: "customer", picture, stroke: ink(4) });
	expect(scene.last("slot").upload).toEqual({ kind: "sent", picture, through });
	expect(scene.shared.sending.value).toEqual({ state: "uploading", progress: 0 });
	await scene.slot();
	expect(scene.last("send")).toMatchObject({ picture, through });
	scene.happens({ type: "picture_sent", seat: "agent", picture, through, width: 1920, height: 1080 });
	await scene.done("send");
	expect(await sent).toBeNull();
	expect(scene.shared.sending.value).toBeNull();
	const views = scene.said("view").length;
	expect(seen(await scene.shared.load({ of: "sent", picture, through })).of).toBe("sheet");
	expect(scene.said("view")).toHaveLength(views);
});

test("pressed twice it is sent once; a no is told, and the board stays", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	const [one, two] = [scene.shared.send(), scene.shared.send()];
	await tick();
	await scene.slot();
	await scene.done("send", { why: "limit_reached" });
	expect(await one).toEqual({ why: "limit_reached" });
	expect(await two).toEqual({ why: "limit_reached" });
	expect(scene.said("slot").filter(({ upload }) => upload.kind === "sent")).toHaveLength(1);
	expect(scene.shared.board.value?.picture.id).toBe(picture);
	// Whoever asked was told: no second message.
	expect(scene.call.refusal.value).toBeNull();
});

test("what was taken away before it was looked at is uploaded once more", async () => {
	scene = await Scene.open("customer");
	await scene.board();
	const sent = scene.shared.send();
	await tick();
	await scene.slot();
	await scene.done("send", { why: "not_uploaded" });
	await scene.slot();
	await scene.done("send", { why: "not_uploaded" });
	expect(await sent).toBe("upload_failed");
	expect(scene.said("send")).toHaveLength(2);
});

test("an upload that fails four times fails, and the next press begins anew", async () => {
	scene = await Scene.open("customer");
	await scene.board();
	scene.world.put = async () => {
		throw new Error("offline");
	};
	const sent = scene.shared.send();
	await tick();
	await scene.slot();
	await tick(4_000);
	expect(await sent).toBe("upload_failed");
	expect(scene.call.connection.value.state).toBe("live");
	scene.world.put = async () => 200;
	const again = scene.shared.send();
	await tick();
	await scene.slot();
	await scene.done("send");
	expect(await again).toBeNull();
});

test("nothing is sent without a board or a base, and whoever waits when the call is over hears so", async () => {
	scene = await Scene.open("customer");
	expect(await scene.shared.send()).toEqual({ why: "board_closed" });
	scene.world.darkroom.shows = null;
	const picture = await scene.shutter("agent");
	expect(await scene.shared.send()).toEqual({ why: "no_picture" });
	scene.happens(kept(picture));
	scene.shared.put({ tool: "step", at: [1, 1], number: 1 });
	const sent = scene.shared.send();
	scene.call.close();
	expect(await sent).toEqual({ why: "call_ended" });
});

test("delete, back to live and open are asked; what is so already is no trouble", async () => {
	scene = await Scene.open("agent");
	const picture = await scene.board();
	const closed = scene.shared.backToLive();
	expect(scene.last("close")).toMatchObject({ picture });
	scene.happens({ type: "board_closed", seat: "customer", picture });
	await scene.done("close", { why: "board_closed" });
	expect(await closed).toBeNull();
	expect(scene.shared.board.value).toBeNull();
	const opened = scene.shared.open(picture);
	expect(scene.last("open")).toMatchObject({ picture });
	scene.happens({ type: "board_opened", seat: "agent", picture });
	await scene.done("open");
	expect(await opened).toBeNull();
	const deleted = scene.shared.deletePicture();
	expect(scene.last("delete")).toMatchObject({ picture });
	scene.happens({ type: "picture_deleted", seat: "customer", picture });
	await scene.done("delete", { why: "no_picture" });
	expect(await deleted).toBeNull();
	expect(scene.shared.board.value).toBeNull();
	expect(scene.world.darkroom.diary).toContain("close scene");
});

test("a picture's file is named by its time where the customer is", async () => {
	scene = await Scene.open("agent");
	scene.happens({ type: "zone_told", utc_offset_min: 90 });
	const sent = { picture: 4, through: 9, width: 1, height: 1 };
	expect(scene.shared.fileName(sent, Date.UTC(2026, 10, 22, 13, 5, 9))).toBe("sightline-2026-11-22-143509.jpg");
});
