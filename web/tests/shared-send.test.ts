import { stampText } from "../src/ink/stamp";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EventKind } from "../src/wire/generated";
import { photo, seen } from "./fakes";
import { kept, leaveFakeBrowser, Scene, tick, useFakeBrowser } from "./scene";

let scene: Scene;

beforeEach(useFakeBrowser);
afterEach(() => {
	scene.call.close();
	leaveFakeBrowser();
});

const ink = (mark: number) => ({
	mark,
	tool: "box" as const,
	from: [0, 0] as [number, number],
	to: [mark, mark] as [number, number],
});

test("send waits for this page's own strokes, and composes what stands in the log at `through`", async () => {
	scene = await Scene.open("agent");
	scene.happens({ type: "zone_told", utc_offset_min: 60 });
	const picture = await scene.board();
	scene.happens({ type: "drawn", seat: "customer", picture, stroke: ink(1) });
	const gone = scene.happens({ type: "drawn", seat: "customer", picture, stroke: ink(2) });
	scene.happens({ type: "undone", seat: "customer", picture, strokes: [gone] });
	scene.shared.put({ tool: "box", from: [0, 0], to: [9, 9] });
	const sent = scene.sends();
	await tick();
	expect(scene.shared.sending.value).toEqual({ state: "composing", picture });
	expect(scene.world.darkroom.sheets).toEqual([]);
	const own = scene.last("draw").strokes[0];
	// Answered, but its event is still on its way.
	scene.hear({ topic: "session", type: "done", n: scene.last("draw").n, head: scene.seq + 1 });
	await tick();
	expect(scene.world.darkroom.sheets).toEqual([]);
	const through = scene.happens({ type: "drawn", seat: "agent", picture, stroke: own ?? ink(3) });
	await tick();
	const [sheet] = scene.world.darkroom.sheets;
	expect(sheet?.strokes.map(({ seat, mark }) => [seat, mark])).toEqual([
		["customer", 1],
		["agent", own?.mark],
	]);
	expect(sheet?.base).toMatchObject({ width: 1920, height: 1080 });
	expect(sheet?.who).toEqual({ agent: "A", customer: "B" });
	expect(sheet?.stamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+01:00$/);
	// What comes while it is composed is not on it.
	scene.happens({ type: "drawn", seat: "customer", picture, stroke: ink(4) });
	expect(scene.last("slot").upload).toEqual({ kind: "sent", picture, through });
	expect(scene.shared.sending.value).toEqual({ state: "uploading", picture, progress: 0 });
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

test("with nothing drawn between, two sends are one picture, and both resolve when it is in the chat", async () => {
	scene = await Scene.open("agent");
	const picture = await scene.board();
	const through = scene.happens({ type: "drawn", seat: "customer", picture, stroke: ink(1) });
	const first = scene.sends();
	await tick();
	await scene.slot();
	expect(scene.last("send")).toMatchObject({ picture, through });
	scene.happens({ type: "picture_sent", seat: "agent", picture, through, width: 1920, height: 1080 });
	await scene.done("send");
	expect(await first).toBeNull();
	scene.happens(
		{ type: "said", seat: "customer", text: "thank you" },
		{ type: "board_closed", seat: "customer", picture },
		{ type: "board_opened", seat: "customer", picture },
	);
	const second = scene.sends();
	await tick();
	await scene.slot();
	expect(scene.last("send")).toMatchObject({ picture, through });
	// Done, and no event follows.
	await scene.done("send");
	expect(await second).toBeNull();
	expect([...scene.call.view.value.lines].filter((line) => line.picture !== null)).toHaveLength(1);
});

test("nothing drawn at all is sent through the picture's own number", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	void scene.sends();
	await tick();
	expect(scene.last("slot").upload).toEqual({ kind: "sent", picture, through: picture });
});

test("send waits for a stroke whose answer was lost, until what the server has is here", async () => {
	scene = await Scene.open("agent");
	const picture = await scene.board();
	scene.shared.put({ tool: "box", from: [0, 0], to: [9, 9] });
	const { n, strokes } = scene.last("draw");
	const sent = scene.sends();
	scene.wire.end();
	await tick(10);
	// Its own event, and one of another page, are not here yet.
	scene.wire.attach({
		holds_seat: true,
		head: scene.seq + 2,
		other_here: true,
		now_ms: Date.now(),
		next_n: Number(n) + 2,
	});
	await tick();
	expect(scene.world.darkroom.sheets).toEqual([]);
	const through = scene.happens({ type: "drawn", seat: "agent", picture, stroke: strokes[0] ?? ink(1) });
	await tick();
	expect(scene.world.darkroom.sheets).toEqual([]);
	scene.happens({ type: "said", seat: "customer", text: "look" });
	await tick();
	expect(scene.world.darkroom.sheets).toHaveLength(1);
	expect(scene.world.darkroom.sheets[0]?.strokes).toHaveLength(1);
	await scene.slot();
	expect(scene.last("send")).toMatchObject({ picture, through });
	await scene.done("send");
	expect(await sent).toBeNull();
});

test("two presses send once; a refusal is returned, and the board stays", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	const [one, two] = [scene.sends(), scene.sends()];
	await tick();
	await scene.slot();
	await scene.done("send", { why: "limit_reached" });
	expect(await one).toEqual({ why: "limit_reached" });
	expect(await two).toEqual({ why: "limit_reached" });
	expect(scene.said("slot").filter(({ upload }) => upload.kind === "sent")).toHaveLength(1);
	expect(scene.shared.board.value?.picture.id).toBe(picture);
	// The caller has the refusal: no second message.
	expect(scene.call.refusal.value).toBeNull();
});

test("an upload that the store lost before it was checked is uploaded once more", async () => {
	scene = await Scene.open("customer");
	await scene.board();
	const sent = scene.sends();
	await tick();
	await scene.slot();
	await scene.done("send", { why: "not_uploaded" });
	await scene.slot();
	await scene.done("send", { why: "not_uploaded" });
	expect(await sent).toBe("upload_failed");
	expect(scene.said("send")).toHaveLength(2);
});

test("an upload that fails four times fails, and the next press starts again", async () => {
	scene = await Scene.open("customer");
	await scene.board();
	scene.world.put = async () => {
		throw new Error("offline");
	};
	const sent = scene.sends();
	await tick();
	await scene.slot();
	await tick(4_000);
	expect(await sent).toBe("upload_failed");
	expect(scene.call.connection.value.state).toBe("live");
	scene.world.put = async () => 200;
	const again = scene.sends();
	await tick();
	await scene.slot();
	await scene.done("send");
	expect(await again).toBeNull();
});

test("nothing is sent without a board or a base, and a send that waits when the call is over is cancelled", async () => {
	scene = await Scene.open("customer");
	expect(await scene.sends()).toEqual({ why: "board_closed" });
	scene.world.darkroom.shows = null;
	const picture = await scene.shutter("agent");
	expect(await scene.sends()).toEqual({ why: "no_picture" });
	scene.happens(kept(picture));
	scene.shared.put({ tool: "step", at: [1, 1], number: 1 });
	const sent = scene.sends();
	scene.call.close();
	expect(await sent).toBe("cancelled");
});

test("delete, back to live and open are sent; a state that holds already is no refusal", async () => {
	scene = await Scene.open("agent");
	const picture = await scene.board();
	const closed = scene.shared.backToLive(picture);
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
	const deleted = scene.shared.deletePicture(picture);
	expect(scene.last("delete")).toMatchObject({ picture });
	scene.happens({ type: "picture_deleted", seat: "customer", picture });
	await scene.done("delete", { why: "no_picture" });
	expect(await deleted).toBeNull();
	expect(scene.shared.board.value).toBeNull();
	expect(scene.world.darkroom.diary).toContain("close scene");
});

test("a press on a picture is not about another one that was opened before the page rendered it", async () => {
	scene = await Scene.open("customer");
	const before = await scene.board();
	const other = await scene.board();
	expect(scene.shared.board.peek()?.picture.id).toBe(other);
	void scene.shared.deletePicture(before);
	expect(scene.last("delete")).toMatchObject({ picture: before });
	await scene.done("delete");
	void scene.shared.backToLive(before);
	expect(scene.last("close")).toMatchObject({ picture: before });
	await scene.done("close");
	expect(await scene.shared.send(before)).toEqual({ why: "board_closed" });
});

test("what this page has of sent pictures outlives the call, and nothing is loaded after it", async () => {
	scene = await Scene.open("customer");
	const object = { of: "sent", picture: 4, through: 5 } as const;
	scene.happens({ type: "picture_sent", seat: "agent", picture: 4, through: 5, width: 16, height: 9 });
	expect(scene.shared.held(object)).toBeNull();
	scene.world.fetchPicture = async () => photo("sheet");
	const loaded = scene.shared.load(object);
	scene.hear({ topic: "screenshots", type: "link", object, url: "/get", expires_at_ms: 1 });
	const blob = await loaded;
	const asked = scene.said("view").length;
	scene.happens({ type: "ended", why: "agent_ended" });
	await tick(10_000);
	expect(scene.shared.held(object)).toBe(blob);
	expect(scene.shared.held({ ...object, through: 6 })).toBeNull();
	expect(scene.said("view")).toHaveLength(asked);
});

test("a page that the call moved away from keeps no picture", async () => {
	scene = await Scene.open("customer");
	const object = { of: "sent", picture: 4, through: 5 } as const;
	scene.world.fetchPicture = async () => photo("sheet");
	const loaded = scene.shared.load(object);
	scene.hear({ topic: "screenshots", type: "link", object, url: "/get", expires_at_ms: 1 });
	await loaded;
	scene.hear({ topic: "session", type: "moved" });
	await tick();
	expect(scene.call.stop.value).toEqual({ why: "moved" });
	expect(scene.shared.held(object)).toBeNull();
});

test("a picture's file is named by its time where the customer is", async () => {
	scene = await Scene.open("agent");
	scene.happens({ type: "zone_told", utc_offset_min: 90 });
	const sent = { picture: 4, through: 9, width: 1, height: 1 };
	expect(scene.shared.fileName(sent, Date.UTC(2026, 10, 22, 13, 5, 9))).toBe("sightline-2026-11-22-143509.jpg");
});

/** An upload that goes on until the test ends it. */
function hold(): { cut: number; finish: () => void } {
	const held = { cut: 0, finish: (): void => undefined };
	scene.world.put = (_slot, _body, _progress, signal) =>
		new Promise((resolve, reject) => {
			held.finish = () => resolve(200);
			signal.addEventListener("abort", () => {
				held.cut += 1;
				reject(new Error("aborted"));
			});
		});
	return held;
}

test("a picture that the other person deletes while it is sent: the upload stops, and the send is cancelled", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	const held = hold();
	const sent = scene.sends();
	await tick();
	await scene.slot();
	scene.happens({ type: "picture_deleted", seat: "agent", picture });
	expect(await sent).toBe("cancelled");
	expect(held.cut).toBe(1);
	expect(scene.shared.sending.value).toBeNull();
	expect(scene.said("send")).toEqual([]);
});

test("after ending the call a page sends no picture", async () => {
	scene = await Scene.open("customer");
	await scene.board();
	const held = hold();
	const sent = scene.sends();
	await tick();
	await scene.slot();
	void scene.call.end();
	expect(await sent).toBe("cancelled");
	expect(held.cut).toBe(1);
});

test("another board is opened meanwhile: the first is sent, and the second waits its turn", async () => {
	scene = await Scene.open("agent");
	const first = await scene.board();
	const held = hold();
	const one = scene.sends();
	await tick();
	await scene.slot();
	const second = await scene.board();
	const two = scene.sends();
	await tick();
	expect(scene.shared.sending.value).toMatchObject({ state: "uploading", picture: first });
	held.finish();
	await tick();
	expect(scene.last("send").picture).toBe(first);
	await scene.done("send");
	expect(await one).toBeNull();
	await tick();
	expect(scene.shared.sending.value).toMatchObject({ state: "uploading", picture: second });
	await scene.slot();
	held.finish();
	await tick();
	expect(scene.last("send").picture).toBe(second);
	await scene.done("send");
	expect(await two).toBeNull();
});

test("the stamp has the time zone of the capture, and so has the file's name", async () => {
	scene = await Scene.open("agent");
	scene.happens({ type: "zone_told", utc_offset_min: 60 });
	const picture = await scene.board();
	const taken_at_ms = scene.now_ms;
	scene.happens({ type: "zone_told", utc_offset_min: 120 });
	void scene.sends();
	await tick();
	expect(scene.world.darkroom.sheets[0]?.stamp).toBe(stampText(taken_at_ms, 60));
	const named = stampText(taken_at_ms, 60).slice(0, 19).replaceAll(":", "").replace(" ", "-");
	expect(scene.shared.fileName({ picture, through: picture, width: 1, height: 1 }, 0)).toContain(named);
});

test("the stamp is the time of the request that was answered, and so is the file's name", async () => {
	scene = await Scene.open("agent");
	const picture = await scene.shutter();
	await tick(65_000);
	scene.happens({ type: "capture_repeated", seat: "agent", picture, attempt: 2 });
	const again_at = Date.now();
	await tick(2_000);
	scene.world.fetchPicture = async () => photo("scene");
	scene.happens(kept(picture));
	scene.hear({ topic: "screenshots", type: "link", object: { of: "base", picture }, url: "/get", expires_at_ms: 1 });
	await tick();
	void scene.sends();
	await tick();
	const stamp = new Date(again_at).toISOString().slice(0, 19).replace("T", " ");
	expect(scene.world.darkroom.sheets[0]?.stamp.startsWith(stamp)).toBe(true);
	const named = stamp.replaceAll(":", "").replace(" ", "-");
	expect(scene.shared.fileName({ picture, through: picture, width: 1, height: 1 }, Date.now())).toBe(
		`sightline-${named}.jpg`,
	);
});

const LOG: readonly EventKind[] = [
	{ type: "joined", seat: "agent", name: "Ada", video_only: false },
	{ type: "joined", seat: "customer", name: "Bob", video_only: false },
	{ type: "media_changed", seat: "customer", microphone: true, camera: true },
	{ type: "capture_asked", seat: "agent" },
	{ type: "picture_kept", picture: 4, width: 1920, height: 1080, low_resolution: false },
];

/** Reloaded in the middle of an upload. */
async function reloaded(): Promise<Scene> {
	const first = await Scene.open("customer");
	void first.call.join({ name: "Bob", videoOnly: true, take: false });
	await first.done("join");
	scene = first;
	expect(await scene.board()).toBe(4);
	hold();
	void scene.sends();
	await tick();
	await scene.slot();
	return first;
}

test("a reload while a picture is sent sends it again, once", async () => {
	const first = await reloaded();
	const { through } = first.last("slot").upload as { through: number };
	scene = await first.reload(LOG);
	scene.world.fetchPicture = async () => photo("scene");
	await tick();
	expect(scene.shared.sending.value).toEqual({ state: "composing", picture: 4 });
	scene.hear({ topic: "screenshots", type: "link", object: { of: "base", picture: 4 }, url: "/get", expires_at_ms: 1 });
	await tick();
	expect(scene.last("slot").upload).toEqual({ kind: "sent", picture: 4, through });
	await scene.slot();
	await scene.done("send");
	expect(scene.shared.sending.value).toBeNull();
	scene = await scene.reload(LOG);
	await tick(1_000);
	expect(scene.shared.sending.value).toBeNull();
});

test("after a reload, pictures that were deleted or are in the chat already are not sent", async () => {
	const first = await reloaded();
	scene = await first.reload([...LOG, { type: "picture_deleted", seat: "agent", picture: 4 }]);
	await tick(1_000);
	expect(scene.shared.sending.value).toBeNull();
	scene.call.close();

	const other = await reloaded();
	scene = await other.reload([
		...LOG,
		{ type: "picture_sent", seat: "customer", picture: 4, through: 4, width: 1920, height: 1080 },
	]);
	await tick(1_000);
	expect(scene.shared.sending.value).toBeNull();
});

test("a picture whose upload is reported already is not sent again after a reload, unless the server lost it", async () => {
	const first = await reloaded();
	first.world.put = async () => 200;
	first.call.close();
	scene = await first.reload(LOG);
	scene.world.fetchPicture = async () => photo("scene");
	await tick();
	scene.hear({ topic: "screenshots", type: "link", object: { of: "base", picture: 4 }, url: "/get", expires_at_ms: 1 });
	await tick();
	await scene.slot();
	expect(scene.said("send")).toHaveLength(1);
	scene = await scene.reload(LOG);
	await tick(1_000);
	expect(scene.shared.sending.value).toBeNull();
	await scene.done("send", { why: "not_uploaded" });
	expect(scene.shared.sending.value).toEqual({ state: "composing", picture: 4 });
});
