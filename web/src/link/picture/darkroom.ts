// Makes and reads pictures for the rest of `link/`; a test gives another.

import { type Decoded, decode, type Frame, freeze, grab, jpeg, type Showing } from "./capture";
import type { Sheet } from "./composing";

export interface Darkroom {
	/** What an element shows at this moment; null while that is nothing. */
	freeze(video: Showing): Frame | null;
	/** Takes a frame of the camera; null when none comes in time. */
	grab(camera: MediaStream, shown: Showing | null, limit_ms: number): Promise<Frame | null>;
	/** Makes a JPEG that fits an upload; null when this browser makes none. */
	jpeg(frame: Frame, quality: number): Promise<Blob | null>;
	decode(blob: Blob): Promise<Decoded>;
	compose(sheet: Sheet): Promise<Blob | null>;
	/** Loads what is not here yet, so that a weak network does not matter later. */
	prepare(): void;
}

export function darkroom(): Darkroom {
	const composing = onceLoaded(() => import("./composing"));
	return {
		freeze,
		grab: (camera, shown, limit_ms) => grab(camera, { shown, limit_ms }),
		jpeg: (frame, quality) => jpeg(frame, quality),
		decode,
		compose: async (sheet) => (await composing()).compose(sheet),
		prepare: () => void composing().catch(() => undefined),
	};
}

/**
 * Loads a chunk when it is first needed, and tries this often again when the network failed. A
 * later call starts over.
 */
export function onceLoaded<Chunk>(load: () => Promise<Chunk>, tries = WAITS_MS.length): () => Promise<Chunk> {
	let loading: Promise<Chunk> | null = null;
	return () => {
		loading ??= again(load, tries).catch((error: unknown) => {
			loading = null;
			throw error;
		});
		return loading;
	};
}

async function again<Chunk>(load: () => Promise<Chunk>, tries: number): Promise<Chunk> {
	for (let failed = 0; failed < tries; failed += 1) {
		try {
			return await load();
		} catch {
			await new Promise((resolve) => setTimeout(resolve, WAITS_MS[failed] ?? LONGEST_MS));
		}
	}
	return load();
}

const WAITS_MS = [500, 1_000, 2_000, 4_000];
const LONGEST_MS = 4_000;
