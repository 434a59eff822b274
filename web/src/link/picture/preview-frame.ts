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
	/** The upload under way, 0 to 1. */
	readonly #progress = signal<{ picture: number; part: number } | null>(null);
	#running: Promise<Outcome> | null = null;
	readonly #stopped = new AbortController();

	constructor(options: PreviewFrameOptions) {
		this.#options = options;
	}

	get progress(): ReadonlySignal<{ picture: number; part: number } | null> {
		return this.#progress;
	}

	/** A second press while the frame is uploaded is the same wish. */
	use(): Promise<Outcome> {
		this.#running ??= this.#upload().finally(() => {
			this.#running = null;
			this.#progress.value = null;
		});
		return this.#running;
	}

	stop(): void {
		this.#stopped.abort();
	}

	async #upload(): Promise<Outcome> {
		const { uploadPreview } = await shooting();
		const sending = (picture: number, part: number): void => {
			this.#progress.value = { picture, part };
		};
		return uploadPreview(this.#options, sending, this.#stopped.signal);
	}
}
