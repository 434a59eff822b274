// Makes and reads pictures for the rest of `link/`; a test gives another.

import { type Decoded, decode, type Frame, freeze, grab, jpeg, type Showing } from "./capture";
import type { Sheet } from "./composing";
import type { ChoiceTrouble, Developed } from "./developing";

export interface Darkroom {
	/** What an element shows at this moment; null while that is nothing. */
	freeze(video: Showing): Frame | null;
	/** Takes a frame of the camera; null when none comes in time. */
	grab(camera: MediaStream, shown: Showing | null, limit_ms: number): Promise<Frame | null>;
	/** Makes a JPEG that fits an upload; null when this browser makes none. */
	jpeg(frame: Frame, quality: number): Promise<Blob | null>;
	decode(blob: Blob): Promise<Decoded>;
	compose(sheet: Sheet): Promise<Blob | null>;
	/**
	 * Whether this browser gives back other pixels than were painted. Checked once; `again` checks
	 * once more, since a person may allow it meanwhile.
	 */
	lies(again?: boolean): Promise<boolean>;
	/** Makes a JPEG of a file that the customer chose; rejects when the network fails. */
	develop(file: Blob): Promise<Developed | ChoiceTrouble>;
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
		// A picture does not wait for a weak network.
		lies: (again = false) =>
			Promise.race([
				composing().then(
					({ lies }) => lies(again),
					() => false,
				),
				new Promise<false>((resolve) => setTimeout(resolve, CHECK_MS, false)),
			]),
		develop: async (file) => (await composing()).develop(file),
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
		loading ??= attempted(load, tries).catch((error: unknown) => {
			loading = null;
			throw error;
		});
		return loading;
	};
}

async function attempted<Chunk>(load: () => Promise<Chunk>, tries: number): Promise<Chunk> {
	for (let failed = 0; failed < tries; failed += 1) {
		try {
			return await load();
		} catch {
			await new Promise((resolve) => setTimeout(resolve, WAITS_MS[failed] ?? LONGEST_MS));
		}
	}
	return load();
}

const CHECK_MS = 2_000;
const WAITS_MS = [500, 1_000, 2_000, 4_000];
const LONGEST_MS = 4_000;
