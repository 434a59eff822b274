// The agent uses the frame they see as the base when the customer's picture does not come.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { View } from "../../session/view";
import type { Refusal } from "../../wire/generated";
import type { Darkroom } from "./darkroom";
import type { Delivery } from "./delivery";
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

type Outcome = Refusal | "upload_failed" | "canvas_blocked" | null;

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
		const { view, still: stillOf, darkroom, quality, delivery, tell, landed } = this.#options;
		const picture = view().board;
		const still = picture === null ? undefined : stillOf(picture);
		if (picture === null || still === undefined) return { why: "no_picture" };
		if (await darkroom.lies()) return "canvas_blocked";
		this.#progress.value = { picture, part: 0 };
		const body = await darkroom.jpeg(still, quality).catch(() => null);
		if (body === null) return "upload_failed";
		return delivery.deliver({
			upload: { kind: "quick", picture },
			body,
			landed: () => landed(picture, still, body),
			tell: () => tell(picture),
			progress: (part) => {
				this.#progress.value = { picture, part };
			},
			signal: this.#stopped.signal,
		});
	}
}
