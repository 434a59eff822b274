import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepUpright } from "../src/link/media/turned";

/** A camera as far as the reader of its frames looks at it. */
class Camera {
	readyState: "live" | "ended" = "live";
	readonly waiting: ((frame: { rotation: number; close(): void }) => void)[] = [];

	gives(rotation: number): void {
		this.waiting.shift()?.({ rotation, close: () => undefined });
	}
}

const turns: (() => void)[] = [];
let readers = 0;

beforeEach(() => {
	readers = 0;
	turns.length = 0;
	vi.stubGlobal("screen", {
		orientation: {
			addEventListener: (_: string, hears: () => void) => turns.push(hears),
			removeEventListener: () => undefined,
		},
	});
	vi.stubGlobal(
		"MediaStreamTrackProcessor",
		class {
			readonly readable;
			constructor({ track }: { track: Camera }) {
				// As Chromium does.
				if (track.readyState === "ended") throw new TypeError("Input track cannot be ended");
				readers++;
				const read = () => new Promise((done) => track.waiting.push((value) => done({ value })));
				this.readable = { getReader: () => ({ read, cancel: async () => undefined }) };
			}
		},
	);
});

afterEach(() => {
	vi.unstubAllGlobals();
});

function watch(camera: Camera): MediaStreamTrack[] {
	const copies: MediaStreamTrack[] = [];
	keepUpright(camera as unknown as MediaStreamTrack, (copy) => copies.push(copy));
	return copies;
}

// An unhandled rejection fails the run, so nothing else has to look for one.
test("a lens that was switched before this file had loaded is left alone", async () => {
	const camera = new Camera();
	camera.readyState = "ended";
	const copies = watch(camera);
	for (const turn of turns) turn();
	await new Promise((done) => setTimeout(done));
	expect(copies).toEqual([]);
	expect(readers).toBe(0);
});

test("a turned camera that ends while its first frame is read has no copy", async () => {
	const camera = new Camera();
	const copies = watch(camera);
	camera.readyState = "ended";
	camera.gives(90);
	await new Promise((done) => setTimeout(done));
	expect(copies).toEqual([]);
	expect(readers).toBe(1);
});
