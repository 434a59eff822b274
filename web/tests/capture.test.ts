import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fitted, freeze, type Paper, type Showing } from "../src/link/picture/capture";
import { grab, jpeg } from "../src/link/picture/photograph";
import { onceLoaded } from "../src/link/once-loaded";
import { scaleOf } from "../src/link/media/leg";

const MIB = 1024 * 1024;
const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => vi.useRealTimers());

let papers: { width: number; height: number }[] = [];

/** Canvases whose JPEG has as many bytes as `bytes` says; null makes none. */
function sheets(bytes: (pixels: number, quality: number) => number | null, type = "image/jpeg") {
	papers = [];
	return (width: number, height: number): Paper => {
		papers.push({ width, height });
		return {
			width,
			height,
			getContext: () => ({ drawImage: () => undefined }) as unknown as CanvasRenderingContext2D,
			toBlob(back: BlobCallback, _type?: string, quality = 1) {
				const size = bytes(width * height, quality);
				back(size === null ? null : ({ size, type } as Blob));
			},
		};
	};
}

function camera(track: Partial<MediaStreamTrack> = {}): MediaStream {
	const one = { readyState: "live", muted: false, ...track };
	return { getVideoTracks: () => [one] } as unknown as MediaStream;
}

function video(more: Partial<Showing> = {}): HTMLVideoElement {
	return {
		srcObject: null,
		videoWidth: 1920,
		videoHeight: 1080,
		readyState: 4,
		play: async () => undefined,
		pause: () => undefined,
		...more,
	} as unknown as HTMLVideoElement;
}

test("a picture keeps its size up to 12 Mpx, and its aspect beyond", () => {
	expect(fitted(1920, 1080)).toEqual({ width: 1920, height: 1080 });
	expect(fitted(4000, 3000)).toEqual({ width: 4000, height: 3000 });
	for (const [width, height] of [
		[4032, 3024],
		[3000, 8000],
		[20_000, 601],
	] as const) {
		const fit = fitted(width, height);
		expect(fit.width * fit.height).toBeLessThanOrEqual(12_000_000);
		expect(fit.width / fit.height / (width / height)).toBeCloseTo(1, 2);
	}
});

test("an element without a frame freezes to nothing", () => {
	const paper = sheets(() => 1);
	expect(freeze(video({ readyState: 1 }), paper)).toBeNull();
	expect(freeze(video({ videoWidth: 0 }), paper)).toBeNull();
	expect(freeze(video(), paper)).toMatchObject({ width: 1920, height: 1080 });
	const none = (): Paper => {
		throw new Error("no memory");
	};
	expect(freeze(video(), none)).toBeNull();
});

test("the page's own element serves when it shows this camera, otherwise a hidden one is made", async () => {
	const stream = camera();
	const makePaper = sheets(() => 1);
	const own = video({ videoWidth: 1280, videoHeight: 720 });
	const makeVideo = vi.fn(() => own);
	const shown = video({ srcObject: stream });
	expect(await grab(stream, { shown, limit_ms: 3_000, makeVideo, makePaper })).toMatchObject({ width: 1920 });
	expect(makeVideo).not.toHaveBeenCalled();
	expect(
		await grab(stream, { shown: video({ srcObject: camera() }), limit_ms: 3_000, makeVideo, makePaper }),
	).toMatchObject({
		width: 1280,
	});
	expect(own).toMatchObject({ muted: true, playsInline: true, srcObject: null });
});

test("a camera whose picture starts late is waited for, one that gives none is given up after 3 s", async () => {
	const makePaper = sheets(() => 1);
	const own = video({ readyState: 0 });
	const late = grab(camera(), { shown: null, limit_ms: 3_000, makeVideo: () => own, makePaper });
	await tick(1_000);
	Object.assign(own, { readyState: 2 });
	await tick(50);
	expect(await late).not.toBeNull();
	const muted = grab(camera({ muted: true }), { shown: null, limit_ms: 3_000, makeVideo: () => video(), makePaper });
	await tick(3_100);
	expect(await muted).toBeNull();
});

test("a JPEG that is too long is made again with less quality, then smaller", async () => {
	const asked: number[] = [];
	const bytes = (pixels: number, quality: number): number => {
		asked.push(quality);
		return pixels * quality * 4;
	};
	const makePaper = sheets(bytes);
	const frame = freeze(video(), makePaper);
	expect(frame).not.toBeNull();
	if (frame === null) return;
	expect((await jpeg(frame, 0.88, makePaper))?.size).toBeLessThanOrEqual(8 * MIB);
	expect(asked).toEqual([0.88]);
	const large = { ...frame, width: 4_000, height: 3_000, image: {} as CanvasImageSource };
	const small = await jpeg(
		large,
		0.88,
		sheets((pixels) => pixels * 1.2),
	);
	expect(small?.size).toBeLessThanOrEqual(8 * MIB);
	expect(papers.at(-1)).toEqual({ width: 2_800, height: 2_100 });
});

test("a browser that answers with another type, with nothing or never makes no JPEG", async () => {
	const frame = { image: {} as CanvasImageSource, width: 100, height: 100 };
	expect(
		await jpeg(
			frame,
			0.88,
			sheets(() => 10, "image/png"),
		),
	).toBeNull();
	expect(
		await jpeg(
			frame,
			0.88,
			sheets(() => null),
		),
	).toBeNull();
	const never = sheets(() => 1);
	const became = jpeg(frame, 0.88, (width, height) => ({ ...never(width, height), toBlob: () => undefined }));
	await tick(60_000);
	expect(await became).toBeNull();
});

test("at most 720 lines of a camera are sent, however the phone is held", () => {
	expect(scaleOf({ width: 1920, height: 1080 })).toBe(1.5);
	expect(scaleOf({ width: 1080, height: 1920 })).toBe(1.5);
	expect(scaleOf({ width: 1280, height: 720 })).toBe(1);
	expect(scaleOf({ width: 640, height: 360 })).toBe(1);
	expect(scaleOf({})).toBe(1);
});

test("a chunk that fails to load is tried again, and once more when it is needed again", async () => {
	let fails = 2;
	const load = vi.fn(async () => {
		if (fails-- > 0) throw new Error("offline");
		return "chunk";
	});
	const chunk = onceLoaded(load);
	const got = chunk();
	await tick(2_000);
	expect(await got).toBe("chunk");
	expect(await chunk()).toBe("chunk");
	expect(load).toHaveBeenCalledTimes(3);
	fails = 5;
	const again = onceLoaded(load);
	const failed = again().catch(() => "failed");
	await tick(10_000);
	expect(await failed).toBe("failed");
	expect(await again()).toBe("chunk");
});
