// Where this browser gives no pictures, the other page composes: asks until the picture is in the
// chat, and answers when asked.

import { linesAfter } from "../../session/newest-lines";
import type { View } from "../../session/view";

export interface OtherComposerOptions {
	view(): View;
	/** Sends the request; it may be lost. */
	ask(picture: number): void;
	/** Composes and sends a picture here. */
	send(picture: number): Promise<unknown>;
	/** This browser gives pages no pictures. */
	lies(): Promise<boolean>;
}

export class OtherComposer {
	readonly #options: OtherComposerOptions;

	constructor(options: OtherComposerOptions) {
		this.#options = options;
	}

	/** Resolves with whether the other page sent the picture as it was when this began. */
	async composed(picture: number, over: AbortSignal): Promise<boolean> {
		const touched = this.#touched(picture);
		for (let waited = 0; waited < LIMIT_MS && !over.aborted; waited += LOOK_MS) {
			if (touched === null) return false;
			if (this.#wasSent(picture, touched)) return true;
			if (waited % ASK_MS === 0) this.#options.ask(picture);
			await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
		}
		return false;
	}

	/** The other page asks; where this browser gives no pictures either, it gives up. */
	async asked(picture: number): Promise<void> {
		const touched = this.#touched(picture);
		if (touched === null || this.#wasSent(picture, touched) || (await this.#options.lies())) return;
		await this.#options.send(picture);
	}

	#touched(picture: number): number | null {
		const found = this.#options.view().pictures.find(({ id }) => id === picture);
		return found === undefined || found.base === null ? null : found.touched;
	}

	#wasSent(picture: number, touched: number): boolean {
		// Its event is newer than the strokes in it.
		const since = linesAfter(this.#options.view().lines, touched);
		return since.some(({ picture: sent }) => sent?.picture === picture && sent.through >= touched);
	}
}

const LOOK_MS = 250;
const ASK_MS = 2_000;
/** Composing and uploading on the other side. */
const LIMIT_MS = 20_000;
