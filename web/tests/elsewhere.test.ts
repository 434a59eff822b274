// Pictures that are not what the camera gave: chosen files, and browsers whose canvas lies.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stampOf } from "../src/ink/stamp";
import type { Decoded, Paper } from "../src/link/picture/capture";
import { CHOSEN_BYTES_MAX, develop, fitting, isHeic } from "../src/link/picture/developing";
import { canvasLies } from "../src/link/picture/truth";
import { seen } from "./fakes";
import { element, kept, leaveFakeBrowser, Scene, tick, useFakeBrowser } from "./scene";

describe("in a call", () => {
	let scene: Scene;
	const uploads: string[] = [];
	const capture = () => scene.shared.board.value?.capture;

	beforeEach(() => {
		useFakeBrowser();
		uploads.length = 0;
	});
	afterEach(() => {
		scene.call.close();
		leaveFakeBrowser();
	});

	async function open(seat: "agent" | "customer"): Promise<void> {
		scene = await Scene.open(seat);
		scene.world.put = async (_slot, body) => {
			uploads.push(seen(body).of);
			return 200;
		};
	}

	test("a chosen file is uploaded in place of the camera's frame, and again after a failure", async () => {
		await open("customer");
		const brought = scene.shared.bring(new Blob(["file"]));
		await tick();
		expect(scene.last("bring")).toMatchObject({ topic: "screenshots" });
		expect(scene.shared.shutter.value).toBe("waiting");
		const picture = scene.happens({ type: "capture_asked", seat: "customer", source: "gallery" });
		await scene.done("bring");
		expect(await brought).toBeNull();
		expect(scene.last("slot").upload).toEqual({ kind: "sharp", picture, attempt: 1 });
		await scene.slot();
		expect(uploads).toEqual(["chosen"]);
		expect(scene.world.darkroom.diary).not.toContain("grab");
		expect(scene.world.darkroom.diary).not.toContain("freeze");
		expect(scene.shared.board.value?.picture.source).toBe("gallery");
	});

	test("a file that is no picture asks for nothing", async () => {
		await open("customer");
		expect(await scene.shared.bring(new Blob([]))).toBe("unreadable");
		expect(scene.said("bring")).toEqual([]);
	});

	test("the agent freezes no frame of the video for a chosen file", async () => {
		await open("agent");
		scene.shared.source(element());
		const picture = scene.happens({ type: "capture_asked", seat: "customer", source: "gallery" });
		await tick();
		expect(scene.shared.board.value?.base).toBeNull();
		scene.happens({ type: "capture_failed", picture, why: "upload_failed" });
		expect(capture()).toEqual({ state: "failed", why: "upload_failed", canGoOn: false });
	});

	test("a canvas that lies is named, uploads nothing, and is looked at again when the picture is", async () => {
		await open("customer");
		scene.world.darkroom.lying = true;
		const picture = await scene.shutter("agent");
		expect(scene.last("capture_failed")).toMatchObject({ picture, attempt: 1, why: "canvas_blocked" });
		expect(scene.said("slot")).toEqual([]);
		expect(scene.shared.blocked.value).toBe(true);
		scene.happens({ type: "capture_failed", picture, why: "canvas_blocked" });
		await scene.done("capture_failed");

		scene.world.darkroom.lying = false;
		scene.happens({ type: "capture_repeated", seat: "customer", picture, attempt: 2 });
		await tick();
		expect(scene.world.darkroom.diary).toContain("look again");
		expect(scene.last("slot").upload).toEqual({ kind: "sharp", picture, attempt: 2 });
		expect(scene.shared.blocked.value).toBe(false);
	});

	test("a page whose canvas lies gives no frame, and asks the other one to compose what it sends", async () => {
		await open("agent");
		scene.world.darkroom.lying = true;
		scene.shared.source(element());
		const picture = await scene.shutter("customer");
		scene.happens({ type: "capture_failed", picture, why: "camera_off" });
		expect(await scene.shared.usePreviewFrame()).toBe("canvas_blocked");
		scene.happens(kept(picture));

		const asks = () => scene.passed.filter(({ type }) => type === "compose");
		const sends = scene.sends();
		await tick(100);
		expect(asks()).toEqual([{ type: "compose", picture }]);
		await tick(2_000);
		expect(asks()).toHaveLength(2);
		scene.happens({ type: "picture_sent", seat: "customer", picture, through: picture, width: 4, height: 3 });
		await tick(300);
		expect(await sends).toBeNull();
		expect(scene.said("slot")).toEqual([]);

		scene.happens({ type: "cleared", picture });
		const again = scene.sends();
		await tick(21_000);
		expect(await again).toBe("canvas_blocked");
	});

	test("a page composes and sends for the other one, once", async () => {
		await open("customer");
		const picture = await scene.shutter("agent");
		await scene.slot();
		scene.happens(kept(picture));
		await scene.done("uploaded");
		const ask = `{"type":"compose","picture":${picture}}`;
		scene.leg.hears.text(ask);
		scene.leg.hears.text(ask);
		await tick(100);
		expect(scene.last("slot").upload).toEqual({ kind: "sent", picture, through: picture });
		await scene.slot();
		expect(scene.said("send")).toHaveLength(1);
		scene.happens({ type: "picture_sent", seat: "customer", picture, through: picture, width: 4, height: 3 });
		await scene.done("send");
		scene.leg.hears.text(ask);
		await tick(100);
		expect(scene.said("send")).toHaveLength(1);
	});
});

describe("the canvas", () => {
	type Pixel = readonly [number, number, number];
	type Change = (pixel: Pixel, at: number) => Pixel;
	const same: Change = (pixel) => pixel;

	/** A canvas that remembers rectangles, and gives back what `change` makes of them. */
	function paper(change: Change): Paper {
		let colours: Pixel[] = [];
		let style = "";
		const context = {
			set fillStyle(to: string) {
				style = to;
			},
			fillRect: () => colours.push(style.match(/\d+/g)?.map(Number) as unknown as Pixel),
			drawImage: (image: { colours: Pixel[] }) => {
				colours = image.colours;
			},
			getImageData: (x: number) => ({ data: [...change(colours[x < 16 ? 0 : 1] ?? [0, 0, 0], x), 255] }),
		};
		return {
			width: 0,
			height: 0,
			getContext: () => context as unknown as CanvasRenderingContext2D,
			toBlob: (back) => back(Object.assign(new Blob(["jpeg"]), { colours })),
		};
	}
	const lies = (change: Change, inJpeg: Change = same): Promise<boolean> =>
		canvasLies(
			() => paper(change),
			async (blob) => {
				const { colours } = blob as Blob & { colours: Pixel[] };
				return { image: { colours: colours.map(inJpeg) }, close: () => undefined } as unknown as Decoded;
			},
		);

	test("gives back what was painted", async () => {
		expect(await lies(same)).toBe(false);
		const lossy: Change = ([r, g, b]) => [r + 5, g - 6, b + 4];
		expect(await lies(lossy, lossy)).toBe(false);
	});

	test("gives noise, white or nothing: as pixels, or only in a JPEG", async () => {
		const white: Change = () => [255, 255, 255];
		const noise: Change = (_, at) => [(at * 97 + 11) % 256, (at * 57 + 140) % 256, (at * 31 + 9) % 256];
		const one: Change = (pixel, at) => (at < 16 ? pixel : [0, 0, 0]);
		for (const change of [white, noise, one]) expect(await lies(change)).toBe(true);
		expect(await lies(same, white)).toBe(true);
		const refuses: Change = () => {
			throw new DOMException("reading is refused", "SecurityError");
		};
		expect(await lies(refuses)).toBe(true);
	});
});

describe("a chosen file", () => {
	test("is made no larger than 4,096 pixels on its longest side and 12 million in all", () => {
		expect(fitting({ width: 1600, height: 1200 })).toEqual({ width: 1600, height: 1200 });
		expect(fitting({ width: 8192, height: 2048 })).toEqual({ width: 4096, height: 1024 });
		expect(fitting({ width: 3, height: 90_000 })).toEqual({ width: 1, height: 4096 });
		const square = fitting({ width: 9000, height: 9000 });
		expect(square.width * square.height).toBeLessThanOrEqual(12_000_000);
	});

	test("of more than 30 MB, of a format that is not read, or no picture is refused by name", async () => {
		const large = { size: CHOSEN_BYTES_MAX + 1 } as Blob;
		expect(await develop(large)).toBe("too_large");
		const unread = () => Promise.reject(new Error("no picture"));
		expect(await develop(new Blob(["text"]), unread)).toBe("unreadable");
		const heic = new Blob([new Uint8Array([0, 0, 0, 24]), "ftypheic", new Uint8Array(4), "mif1heic"]);
		expect(await develop(heic, unread)).toBe("heic");
		expect(await isHeic(new Blob([new Uint8Array([0, 0, 0, 24]), "ftypisom", new Uint8Array(4), "isom"]))).toBe(false);
	});
});

test("the stamp says what no camera of the call took", () => {
	const at_ms = Date.UTC(2026, 10, 22, 13, 5, 9);
	expect(stampOf("camera", at_ms, 60)).toBe("2026-11-22 14:05:09 +01:00");
	expect(stampOf("gallery", at_ms, 60)).toBe("chosen from the gallery, received 2026-11-22 14:05:09 +01:00");
});
