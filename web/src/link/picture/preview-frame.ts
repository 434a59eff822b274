// The agent uses the frame they see as the base when the customer's picture does not come.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { View } from "../../session/view";
import type { Refusal } from "../../wire/generated";
import type { Darkroom } from "./darkroom";
import type { Delivery } from "./delivery";
import { shooting } from "./shooting";
import type { Still } from "./stills";

export interface PreviewFrameOptions {
	view(): View;
	/** The still of a picture, on the agent's page. */
	still(picture: number): Still | undefined;
	darkroom: Pick<Darkroom, "jpeg" | "lies">;
	quality: number;
	delivery: Delivery;
	/** Tells the server that the upload is there. */
	tell(picture: number): Promise<Refusal | null>;
	landed(picture: number, still: Still, body: Blob): void;
}

export type Outcome = Refusal | "upload_failed" | "canvas_blocked" | null;

export class PreviewFrame {
	readonly #options: PreviewFrameOptions;
	/** The uploads under way, 0 to 1, by picture. */
	readonly #progress = signal<ReadonlyMap<number, number>>(new Map());
	readonly #running = new Map<number, Promise<Outcome>>();
	readonly #stopped = new AbortController();

	constructor(options: PreviewFrameOptions) {
		this.#options = options;
	}

	get progress(): ReadonlySignal<ReadonlyMap<number, number>> {
		return this.#progress;
	}

	/** A second press while the picture's frame is uploaded is the same wish. */
	use(): Promise<Outcome> {
		const { view, still: stillOf } = this.#options;
		const picture = view().board;
		// Taken now: the next picture's still replaces it.
		const still = picture === null ? undefined : stillOf(picture);
		if (picture === null || still === undefined) return Promise.resolve({ why: "no_picture" });
		let outcome = this.#running.get(picture);
		if (outcome === undefined) {
			outcome = this.#upload(picture, still);
			this.#running.set(picture, outcome);
		}
		return outcome;
	}

	stop(): void {
		this.#stopped.abort();
	}

	async #upload(picture: number, still: Still): Promise<Outcome> {
		const show = (part: number | null): void => {
			const progress = new Map(this.#progress.peek());
			if (part === null) progress.delete(picture);
			else progress.set(picture, part);
			this.#progress.value = progress;
		};
		try {
			const { uploadPreview } = await shooting();
			return await uploadPreview(this.#options, { picture, still }, show, this.#stopped.signal);
		} finally {
			this.#running.delete(picture);
			show(null);
		}
	}
}
