import { afterEach, beforeEach, expect, test } from "vitest";
import { nextTask } from "../src/link/turn";
import { fakeWorld, photo, seen } from "./fakes";
import { element, kept, leaveFakeBrowser, Scene, tick, useFakeBrowser } from "./scene";

let scene: Scene;

const capture = () => scene.shared.board.value?.capture;
const shown = () => (scene.shared.board.value?.base?.image as unknown as { of: string } | undefined)?.of;
const uploads: string[] = [];

/** Records the uploads. */
function writeDown(): void {
	scene.world.put = async (_slot, body) => {
		uploads.push(seen(body).of);
		return 200;
	};
}

beforeEach(() => {
	useFakeBrowser();
	uploads.length = 0;
});
afterEach(() => {
	scene.call.close();
	leaveFakeBrowser();
});

test("the picture is what the customer saw when they pressed, not what is there when the answer comes", async () => {
	scene = await Scene.open("customer");
	writeDown();
	scene.shared.source(element(scene.call.devices.camera.value));
	scene.world.darkroom.shows = { width: 1920, height: 1080, of: "pressed" };
	const pressed = scene.shared.capture();
	expect(scene.shared.shutter.value).toBe("waiting");
	await nextTask();
	scene.world.darkroom.shows = { width: 1920, height: 1080, of: "later" };
	const picture = await scene.shutter("customer");
	await scene.done("capture");
	expect(await pressed).toBeNull();
	expect(shown()).toBe("pressed");
	expect(scene.shared.board.value?.base?.quality).toBe("frame");
	expect(capture()).toEqual({ state: "coming", progress: 0 });
	expect(scene.last("slot").upload).toEqual({ kind: "sharp", picture, attempt: 1 });
	await scene.slot();
	expect(uploads).toEqual(["pressed"]);
	expect(scene.last("uploaded").upload).toEqual({ kind: "sharp", picture, attempt: 1 });
	expect(scene.world.darkroom.diary).not.toContain("grab");
});

test("a request that is quicker than the press's own frame freezes the only one", async () => {
	scene = await Scene.open("agent");
	scene.shared.source(element());
	void scene.shared.capture();
	await scene.shutter("agent");
	await nextTask();
	await tick();
	expect(scene.world.darkroom.diary.filter((one) => one === "freeze")).toHaveLength(1);
	expect(scene.shared.board.value?.base?.quality).toBe("frame");
});

test("the agent's press takes the camera's frame of the moment when the request comes", async () => {
	scene = await Scene.open("customer");
	writeDown();
	scene.world.darkroom.shows = { width: 1920, height: 1080, of: "asked" };
	await scene.shutter("agent");
	await scene.slot();
	expect(uploads).toEqual(["asked"]);
	expect(scene.world.darkroom.diary).toContain("grab");
	expect(scene.world.darkroom.diary).toContain("jpeg 0.88");
});

test("two presses at once are one picture", async () => {
	scene = await Scene.open("customer");
	writeDown();
	void scene.shared.capture();
	void scene.shared.capture();
	expect(scene.said("capture")).toHaveLength(1);
	const picture = await scene.shutter("agent");
	await scene.done("capture");
	await scene.slot();
	expect(scene.shared.board.value?.picture.id).toBe(picture);
	expect(scene.call.view.value.pictures).toHaveLength(1);
	expect(uploads).toHaveLength(1);
	expect(scene.shared.shutter.value).toBe("ready");
});

test("the page that uploaded does not download, the other one does at once, and both show it in place of the frame", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.shutter("agent");
	await scene.slot();
	scene.happens(kept(picture));
	await scene.done("uploaded");
	expect(capture()).toEqual({ state: "there" });
	expect(scene.shared.board.value?.base).toMatchObject({ quality: "sharp", width: 1920, height: 1080 });
	expect(scene.said("view")).toEqual([]);
	scene.call.close();

	scene = await Scene.open("agent");
	scene.shared.source(element());
	scene.world.darkroom.shows = { width: 640, height: 360, of: "remote" };
	const board = await scene.board();
	expect(scene.said("view")).toMatchObject([{ object: { of: "base", picture: board } }]);
	expect(capture()).toEqual({ state: "there" });
	expect(shown()).toBe("scene");
});

test("an upload that was there before may be another picture: it is loaded like any other", async () => {
	scene = await Scene.open("customer");
	scene.world.put = async () => 412;
	const picture = await scene.shutter("agent");
	await scene.slot();
	scene.happens(kept(picture));
	await scene.done("uploaded");
	expect(scene.said("view")).toHaveLength(1);
});

test("no camera, no frame, a page in the background: each says so", async () => {
	scene = await Scene.open("customer");
	scene.world.darkroom.shows = null;
	await scene.shutter("agent");
	expect(scene.last("capture_failed").why).toBe("no_picture");
	scene.call.close();

	scene = await Scene.open("customer");
	scene.world.background = true;
	scene.world.fire.visible();
	await scene.shutter("agent");
	await tick(5_000);
	expect(scene.said("capture_failed")).toEqual([]);
	await tick(2_000);
	expect(scene.last("capture_failed").why).toBe("in_background");
	scene.call.close();

	scene = await Scene.open("customer");
	scene.call.devices.stopCamera();
	scene.happens({ type: "media_changed", seat: "customer", microphone: true, camera: false });
	expect(scene.shared.shutter.value).toBe("camera_off");
	await scene.shutter("agent");
	expect(scene.said("slot")).toEqual([]);
	expect(scene.last("capture_failed").why).toBe("camera_off");
});

test("a page that comes back in time takes the picture, and not from an element that still shows the past", async () => {
	scene = await Scene.open("customer");
	writeDown();
	scene.shared.source(element(scene.call.devices.camera.value));
	scene.world.background = true;
	scene.world.fire.visible();
	await scene.shutter("agent");
	await tick(3_000);
	scene.world.background = false;
	scene.world.fire.visible();
	scene.world.darkroom.shows = { width: 1920, height: 1080, of: "present" };
	await tick(200);
	await scene.slot();
	expect(uploads).toEqual(["present"]);
});

test("after 8 s a capture has failed, the reason follows what is known, and a late picture still counts", async () => {
	scene = await Scene.open("agent");
	scene.shared.source(element());
	const picture = await scene.shutter("agent");
	await tick(7_900);
	expect(capture()).toEqual({ state: "coming", progress: null });
	await tick(200);
	expect(capture()).toEqual({ state: "failed", why: "late", canGoOn: true });
	scene.hear({ topic: "signaling", type: "presence", paused: true });
	expect(capture()).toMatchObject({ why: "paused" });
	scene.hear({ topic: "signaling", type: "presence", paused: false });
	scene.happens({ type: "lost", seat: "customer" });
	expect(capture()).toMatchObject({ why: "away" });
	scene.happens({ type: "capture_failed", picture, why: "upload_failed" });
	expect(capture()).toMatchObject({ why: "upload_failed" });
	void scene.shared.captureAgain(picture);
	expect(scene.last("capture_again").picture).toBe(picture);
	scene.happens({ type: "capture_repeated", seat: "agent", picture, attempt: 2 });
	expect(capture()).toEqual({ state: "coming", progress: null });
	await tick(8_100);
	expect(capture()).toMatchObject({ state: "failed" });
	scene.world.fetchPicture = async () => photo("scene");
	scene.happens(kept(picture));
	scene.hear({ topic: "screenshots", type: "link", object: { of: "base", picture }, url: "/get", expires_at_ms: 1 });
	await tick();
	expect(capture()).toEqual({ state: "there" });
});

test("another request takes the picture again, since its time is stamped on it", async () => {
	scene = await Scene.open("customer");
	let status = 500;
	scene.world.put = async (_slot, body) => {
		uploads.push(seen(body).of);
		return status;
	};
	scene.world.darkroom.shows = { width: 1920, height: 1080, of: "first" };
	const picture = await scene.shutter("agent");
	await scene.slot();
	await tick(4_000);
	expect(uploads).toHaveLength(4);
	expect(scene.last("capture_failed").why).toBe("upload_failed");
	scene.happens({ type: "capture_failed", picture, why: "upload_failed" });
	await scene.done("capture_failed");
	scene.world.darkroom.shows = { width: 1920, height: 1080, of: "second" };
	status = 200;
	scene.happens({ type: "capture_repeated", seat: "agent", picture, attempt: 2 });
	await tick();
	expect(scene.last("slot").upload).toEqual({ kind: "sharp", picture, attempt: 2 });
	await scene.slot();
	expect(uploads.at(-1)).toBe("second");
});

test("an upload that the store lost is made once more, one that is no picture is taken again", async () => {
	scene = await Scene.open("customer");
	writeDown();
	const picture = await scene.shutter("agent");
	await scene.slot();
	await scene.done("uploaded", { why: "not_uploaded" });
	expect(scene.said("slot")).toHaveLength(2);
	await scene.slot();
	await scene.done("uploaded", { why: "bad_picture" });
	expect(scene.last("capture_failed").why).toBe("no_picture");
	expect(scene.call.refusal.value).toBeNull();
	await scene.done("capture_failed");
	scene.world.darkroom.shows = { width: 1920, height: 1080, of: "again" };
	scene.happens({ type: "capture_repeated", seat: "agent", picture, attempt: 2 });
	await tick();
	await scene.slot();
	expect(uploads.at(-1)).toBe("again");
});

test("an upload in the store is reported, also when its picture was deleted or its board closed meanwhile", async () => {
	scene = await Scene.open("customer");
	let arrives = (_status: number): void => undefined;
	scene.world.put = () =>
		new Promise((resolve) => {
			arrives = resolve;
		});
	for (const type of ["picture_deleted", "board_closed"] as const) {
		for (const status of [200, 412]) {
			const picture = await scene.shutter("agent");
			await scene.slot();
			scene.happens({ type, seat: "agent", picture });
			arrives(status);
			await tick();
			expect(scene.last("uploaded").upload).toEqual({ kind: "sharp", picture, attempt: 1 });
			await scene.done("uploaded", { why: "no_picture" });
		}
	}
	const told = scene.said("uploaded").length;
	const picture = await scene.shutter("agent");
	await scene.slot();
	scene.happens({ type: "picture_deleted", seat: "agent", picture });
	arrives(500);
	await tick(10_000);
	expect(scene.said("uploaded")).toHaveLength(told);
	expect(scene.said("capture_failed")).toEqual([]);
});

test("a failure names its attempt", async () => {
	scene = await Scene.open("customer");
	scene.world.darkroom.shows = null;
	const picture = await scene.shutter("agent");
	expect(scene.last("capture_failed")).toMatchObject({ picture, attempt: 1 });
	scene.happens({ type: "capture_failed", picture, why: "no_picture" });
	await scene.done("capture_failed");
	scene.happens({ type: "capture_repeated", seat: "agent", picture, attempt: 2 });
	await tick();
	expect(scene.last("capture_failed")).toMatchObject({ picture, attempt: 2 });
});

test("a picture that was deleted or is there already is not uploaded", async () => {
	scene = await Scene.open("customer");
	writeDown();
	const first = await scene.shutter("agent");
	scene.happens({ type: "picture_deleted", seat: "agent", picture: first });
	await scene.slot();
	expect(uploads).toEqual([]);
	const second = await scene.shutter("agent");
	scene.happens(kept(second, true));
	await scene.slot();
	await tick(10_000);
	expect(uploads).toEqual([]);
	expect(scene.said("capture_failed")).toEqual([]);
});

test("a slot is requested again after 3 s without an answer, and on a new connection", async () => {
	scene = await Scene.open("customer");
	await scene.shutter("agent");
	expect(scene.said("slot")).toHaveLength(1);
	await tick(3_100);
	expect(scene.said("slot")).toHaveLength(2);
	scene.wire.end();
	await tick(10);
	scene.wire.attach({ holds_seat: true, head: scene.seq, other_here: true, now_ms: Date.now() });
	expect(scene.said("slot")).toHaveLength(1);
});

test("a reload in the middle takes the picture again if the camera runs again in time, and not later", async () => {
	const log = [
		{ type: "joined", seat: "agent", name: "Ada", video_only: false },
		{ type: "joined", seat: "customer", name: "Bob", video_only: false },
		{ type: "media_changed", seat: "customer", microphone: false, camera: true },
		{ type: "capture_asked", seat: "agent" },
	] as const;
	const first = await Scene.open("customer", fakeWorld());
	void first.call.join({ name: "Bob", videoOnly: true, take: false });
	await first.done("join");
	scene = await first.reload(log, Date.now() - 5_000);
	await tick(500);
	expect(scene.last("slot").upload).toEqual({ kind: "sharp", picture: 4, attempt: 1 });
	const again = await scene.reload(log, Date.now() - 21_000);
	scene = again;
	await tick(500);
	expect(scene.said("slot")).toEqual([]);
});

test("the agent uses the frame: it is uploaded as the base, low, and not downloaded again", async () => {
	scene = await Scene.open("agent");
	writeDown();
	scene.world.darkroom.shows = { width: 640, height: 360, of: "remote" };
	scene.shared.source(element());
	const picture = await scene.shutter("customer");
	scene.happens({ type: "capture_failed", picture, why: "camera_off" });
	expect(capture()).toEqual({ state: "failed", why: "camera_off", canGoOn: true });
	const goes = scene.shared.usePreviewFrame();
	await tick();
	expect(scene.last("slot").upload).toEqual({ kind: "quick", picture });
	await scene.slot();
	expect(uploads).toEqual(["remote"]);
	scene.happens({ type: "picture_kept", picture, width: 640, height: 360, low_resolution: true });
	await scene.done("uploaded");
	expect(await goes).toBeNull();
	expect(scene.shared.board.value?.base?.quality).toBe("low");
	expect(scene.said("view")).toEqual([]);
});

test("help for a picture is not the help that another one still gets", async () => {
	scene = await Scene.open("agent");
	writeDown();
	scene.world.darkroom.shows = { width: 640, height: 360, of: "remote" };
	scene.shared.source(element());
	const fails = async (): Promise<number> => {
		const picture = await scene.shutter("customer");
		scene.happens({ type: "capture_failed", picture, why: "camera_off" });
		return picture;
	};
	const one = await fails();
	const first = scene.shared.usePreviewFrame();
	const two = await fails();
	const second = scene.shared.usePreviewFrame();
	expect(scene.shared.usePreviewFrame()).toBe(second);
	await tick();
	expect(scene.said("slot").map(({ upload }) => upload)).toEqual(
		[one, two].map((picture) => ({ kind: "quick", picture })),
	);
	await scene.slot();
	scene.happens({ type: "picture_kept", picture: two, width: 640, height: 360, low_resolution: true });
	await scene.done("uploaded");
	expect(await second).toBeNull();
	expect(await Promise.race([first, "under way"])).toBe("under way");
});

test("without a frame there is nothing to use; one that comes late serves", async () => {
	scene = await Scene.open("agent");
	scene.world.darkroom.shows = null;
	const video = element();
	scene.shared.source(video);
	const picture = await scene.shutter("customer");
	scene.happens({ type: "capture_failed", picture, why: "no_picture" });
	expect(capture()).toMatchObject({ canGoOn: false });
	expect(await scene.shared.usePreviewFrame()).toEqual({ why: "no_picture" });
	scene.world.darkroom.shows = { width: 640, height: 360, of: "remote" };
	video.dispatchEvent(new Event("loadeddata"));
	expect(capture()).toMatchObject({ canGoOn: true });
});

test("a base that cannot be loaded says so after four tries with a fresh link each, and is tried again when asked", async () => {
	scene = await Scene.open("agent");
	const picture = await scene.shutter("customer");
	const object = { of: "base", picture };
	scene.happens(kept(picture));
	const link = async (): Promise<void> => {
		scene.hear({ topic: "screenshots", type: "link", object, url: "/get", expires_at_ms: 1 });
		await tick(2_100);
	};
	for (let tries = 0; tries < 4; tries += 1) await link();
	expect(scene.said("view")).toHaveLength(4);
	expect(capture()).toEqual({ state: "unloadable" });
	scene.world.fetchPicture = async () => photo("scene");
	scene.shared.reload();
	expect(capture()).toEqual({ state: "coming", progress: null });
	await tick();
	await link();
	expect(capture()).toEqual({ state: "there" });
});

test("only the newest bases stay decoded, the open one always", async () => {
	scene = await Scene.open("agent");
	for (let count = 0; count < 8; count += 1) {
		const picture = await scene.board();
		scene.happens({ type: "board_closed", seat: "agent", picture });
	}
	expect(scene.world.darkroom.diary.filter((one) => one.startsWith("close"))).toHaveLength(2);
	const [first] = scene.call.view.value.pictures;
	const asked = scene.said("view").length;
	scene.happens({ type: "board_opened", seat: "agent", picture: first?.id ?? 0 });
	await tick();
	// Its bytes are here still.
	expect(scene.said("view")).toHaveLength(asked);
	expect(capture()).toEqual({ state: "there" });
});

test("the shutter says why it cannot", async () => {
	scene = await Scene.open("agent");
	expect(scene.shared.shutter.value).toBe("ready");
	scene.happens({ type: "media_changed", seat: "customer", microphone: true, camera: false });
	expect(scene.shared.shutter.value).toBe("camera_off");
	scene.happens({ type: "lost", seat: "customer" });
	expect(scene.shared.shutter.value).toBe("nobody");
});

test("the customer's time zone is sent once, after joining", async () => {
	const world = fakeWorld();
	world.utcOffset = () => 330;
	scene = await Scene.open("customer", world);
	expect(scene.said("zone")).toMatchObject([{ utc_offset_min: 330 }]);
	scene.happens({ type: "zone_told", utc_offset_min: 330 });
	await scene.done("zone");
	await tick(20_000);
	expect(scene.said("zone")).toHaveLength(1);
	world.utcOffset = () => 60;
	await tick(5_000);
	expect(scene.last("zone"), "the person travelled").toMatchObject({ utc_offset_min: 60 });
	scene.call.close();
	const agent = fakeWorld();
	agent.utcOffset = () => 330;
	scene = await Scene.open("agent", agent);
	expect(scene.said("zone")).toEqual([]);
});

test("while the call ends everything is refused", async () => {
	scene = await Scene.open("customer");
	const picture = await scene.board();
	void scene.call.end();
	const { shared } = scene;
	expect(await shared.capture()).toEqual({ why: "call_ended" });
	expect(await shared.deletePicture(picture)).toEqual({ why: "call_ended" });
	expect(await shared.send(picture)).toEqual({ why: "call_ended" });
	expect(shared.draw("pen", [1, 1])).toBeNull();
	shared.undo();
	expect(scene.said("undo")).toEqual([]);
	scene.call.close();
	expect(await shared.backToLive(picture)).not.toBeNull();
});

test("a repeated request lets a running upload go on", async () => {
	scene = await Scene.open("customer");
	let finish: () => void = () => undefined;
	let cut = false;
	scene.world.put = (_slot, body, _progress, signal) => {
		uploads.push(seen(body).of);
		signal.addEventListener("abort", () => (cut = true));
		return new Promise((resolve) => {
			finish = () => resolve(200);
		});
	};
	const picture = await scene.shutter("agent");
	await scene.slot();
	scene.happens({ type: "capture_repeated", seat: "agent", picture, attempt: 2 });
	await tick(1_000);
	finish();
	await tick();
	scene.happens(kept(picture));
	await scene.done("uploaded");
	expect({ cut, uploads }).toEqual({ cut: false, uploads: ["scene"] });
	expect(capture()).toEqual({ state: "there" });
});

test("an upload that moves is slow, not failed, on the page that makes it; one that stalls has failed", async () => {
	scene = await Scene.open("customer");
	let moves: (part: number) => void = () => undefined;
	scene.world.put = (_slot, _body, progress) => {
		moves = progress;
		return new Promise(() => undefined);
	};
	await scene.shutter("agent");
	await scene.slot();
	for (let part = 1; part <= 8; part += 1) {
		await tick(6_000);
		moves(part / 10);
		expect(capture()).toEqual({ state: "coming", progress: part / 10 });
	}
	await tick(7_900);
	expect(capture()).toEqual({ state: "coming", progress: 0.8 });
	await tick(200);
	expect(capture()).toMatchObject({ state: "failed", why: "late" });
	moves(0.9);
	expect(capture()).toEqual({ state: "coming", progress: 0.9 });
});

test("a still gives its memory back when the picture is there, and at the end; decoded pictures do so too", async () => {
	scene = await Scene.open("agent");
	const sheets: { width: number; height: number; toBlob(): void }[] = [];
	scene.world.darkroom.freeze = () => {
		const sheet = { width: 640, height: 360, toBlob: () => undefined };
		sheets.push(sheet);
		return { image: sheet as unknown as CanvasImageSource, width: 640, height: 360 };
	};
	scene.shared.source(element());
	await scene.board();
	expect(sheets).toHaveLength(1);
	await tick(20_000);
	expect(sheets[0]).toMatchObject({ width: 0, height: 0 });
	await scene.shutter("customer");
	expect(sheets[1]).toMatchObject({ width: 640 });
	scene.call.close();
	await tick(20_000);
	expect(sheets.map(({ width }) => width)).toEqual([0, 0]);
	expect(scene.world.darkroom.diary.filter((one) => one === "close scene")).toHaveLength(1);
});

test("a picture that was deleted while it was loaded is not kept", async () => {
	scene = await Scene.open("agent");
	let give: (blob: Blob) => void = () => undefined;
	scene.world.fetchPicture = () =>
		new Promise((resolve) => {
			give = resolve;
		});
	const picture = await scene.shutter("customer");
	const object = { of: "base", picture } as const;
	scene.happens(kept(picture));
	scene.hear({ topic: "screenshots", type: "link", object, url: "/get", expires_at_ms: 1 });
	await tick();
	const asked = scene.said("view").length;
	scene.happens({ type: "picture_deleted", seat: "agent", picture });
	give(photo("scene"));
	await tick();
	void scene.shared.load(object).catch(() => undefined);
	expect(scene.said("view")).toHaveLength(asked + 1);
});
