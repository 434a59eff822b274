// What lies under the strokes of the open board: the kept picture, or a still until it is there.

import { computed, type ReadonlySignal } from "@preact/signals";
import type { PictureView } from "../../session/view";
import type { Frame } from "./capture";
import type { BaseImage } from "./contract";
import type { Pictures } from "./pictures";
import type { Stills } from "./stills";

export interface BoardBaseOptions {
	/** The open board's picture. */
	board: ReadonlySignal<PictureView | null>;
	pictures: Pictures;
	stills: Stills;
}

/** An own upload that is in the store. */
interface Landed {
	frame: Frame;
	body: Blob;
	low: boolean;
}

export class BoardBase {
	readonly image: ReadonlySignal<BaseImage | null>;

	readonly #options: BoardBaseOptions;
	/** Until the log says that the base is kept. */
	readonly #landed = new Map<number, Landed>();

	constructor(options: BoardBaseOptions) {
		this.#options = options;
		const { board, pictures, stills } = options;
		this.image = computed(() => {
			const picture = board.value;
			if (picture === null) return null;
			const kept = pictures.bases.value.get(picture.id);
			if (picture.base !== null && kept?.state === "ready") {
				const { image, width, height } = kept.decoded;
				return { image, width, height, quality: picture.base.low_resolution ? "low" : "sharp" };
			}
			const still = stills.all.value.get(picture.id);
			if (still === undefined) return null;
			return { image: still.image, width: still.width, height: still.height, quality: "frame" };
		});
	}

	landed(picture: number, landed: Landed): void {
		this.#landed.set(picture, landed);
	}

	/** The base is kept: what this page uploaded is adopted, everything else is loaded. */
	kept({ id, base }: PictureView): void {
		const { pictures } = this.#options;
		const own = this.#landed.get(id);
		this.#landed.delete(id);
		const same = own !== undefined && base !== null && own.low === base.low_resolution;
		if (same && own.frame.width === base.width && own.frame.height === base.height) {
			pictures.adopt({ of: "base", picture: id }, own.body);
		} else pictures.loadBase(id);
	}

	/** The picture was deleted. */
	gone(picture: number): void {
		this.#landed.delete(picture);
	}
}
