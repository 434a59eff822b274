// Makes and reads pictures for the rest of `link/`; a test gives another.

import { onceLoaded } from "../once-loaded";
import { type Decoded, type Frame, freeze, type Showing } from "./capture";
import type { Sheet } from "./composing";
import type { ChoiceTrouble, Developed } from "./developing";
import { shooting } from "./shooting";

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
		grab: async (camera, shown, limit_ms) => (await shooting()).grab(camera, { shown, limit_ms }),
		jpeg: async (frame, quality) => (await shooting()).jpeg(frame, quality),
		decode: async (blob) => (await shooting()).decode(blob),
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
		prepare() {
			void shooting();
			void composing().catch(() => undefined);
		},
	};
}

const CHECK_MS = 2_000;
