// Uploads a JPEG so that it is kept: a slot, a PUT, and the durable command that reports it.

import type { PageSays, Refusal, Upload } from "../../wire/generated";
import { Requests } from "../server/requests";
import { shooting } from "./shooting";
import type { Put, Slot } from "./upload";

export interface DeliveryOptions {
	say(says: PageSays): boolean;
	put: Put;
	clock: () => number;
}

export interface Parcel {
	upload: Upload;
	body: Blob;
	/** Exactly these bytes are in the store, but not yet checked. */
	landed?(): void;
	/** Tells the server that the upload is there. */
	tell(): Promise<Refusal | null>;
	progress(part: number): void;
	signal: AbortSignal;
}

export class Delivery {
	readonly #options: DeliveryOptions;
	readonly #slots: Requests<Slot | Refusal>;

	constructor(options: DeliveryOptions) {
		this.#options = options;
		this.#slots = new Requests((says) => options.say(says));
	}

	/**
	 * Resolves with null when the upload is kept. After `signal`, an upload that is in the store
	 * already is still reported.
	 */
	async deliver({
		upload: what,
		body,
		landed,
		tell,
		progress,
		signal,
	}: Parcel): Promise<Refusal | "upload_failed" | null> {
		const { put, clock } = this.#options;
		const { upload } = await shooting();
		const ask = { topic: "screenshots", type: "slot", upload: what, bytes: body.size } as const;
		for (let tries = 0; tries < TRIES; tries += 1) {
			const slot = (): Promise<Slot | Refusal | null> => this.#slots.request(what, ask);
			const became = await upload(body, { slot, put, clock, progress, signal });
			if (became === "failed") return "upload_failed";
			if (typeof became === "object") return became;
			// What was there before may come from before a reload: only these bytes are known to be
			// what is shown.
			if (became === "there" && !signal.aborted) landed?.();
			// Also when it is not wanted any more: the server then deletes it.
			const refused = await tell();
			// The store lost it before the server checked it: worth one more upload.
			if (refused?.why !== "not_uploaded" || signal.aborted) return refused;
		}
		return "upload_failed";
	}

	slotAnswered(what: Upload, answer: Slot | Refusal): void {
		this.#slots.answered(what, answer);
	}

	attached(): void {
		this.#slots.attached();
	}

	stop(): void {
		this.#slots.stop();
	}
}

const TRIES = 2;
