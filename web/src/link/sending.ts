// Sends the open board to the chat: waits for this page's own strokes to be in the log, composes, uploads, tells.

import { type ReadonlySignal, signal } from "@preact/signals";
import { initialsOf } from "../ink/colours";
import { stampText } from "../ink/stamp";
import { standing } from "../session/boards";
import type { View } from "../session/view";
import type { Object, Refusal } from "../wire/generated";
import type { Sheet } from "./composing";
import type { Delivery } from "./delivery";
import type { Decoded } from "./capture";
import type { SendState } from "./shared";

export interface SendingOptions {
	view(): View;
	/** Resolves when everything this page drew or took back is in the view; false when that will not be. */
	drained(): Promise<boolean>;
	base(picture: number): Promise<Decoded>;
	compose(sheet: Sheet): Promise<Blob | null>;
	delivery: Delivery;
	tell(picture: number, through: number): Promise<Refusal | null>;
	/** This page has the bytes of what was sent. */
	adopt(object: Object, body: Blob): void;
}

export class Sending {
	readonly #options: SendingOptions;
	readonly #state = signal<SendState>(null);
	readonly #over = new AbortController();
	#running: Promise<Refusal | "upload_failed" | null> | null = null;

	constructor(options: SendingOptions) {
		this.#options = options;
	}

	get state(): ReadonlySignal<SendState> {
		return this.#state;
	}

	/** A second press while the first is under way is the same wish. */
	send(): Promise<Refusal | "upload_failed" | null> {
		this.#running ??= this.#send().finally(() => {
			this.#running = null;
			this.#state.value = null;
		});
		return this.#running;
	}

	stop(): void {
		this.#over.abort();
	}

	async #send(): Promise<Refusal | "upload_failed" | null> {
		const { view, drained, base, compose, delivery, tell, adopt } = this.#options;
		const picture = view().board;
		if (picture === null) return { why: "board_closed" };
		this.#state.value = { state: "composing" };
		if (!(await drained())) return { why: "call_ended" };
		// From here to the sheet nothing waits: the strokes are those that stand at `through`.
		const now = view();
		const found = now.pictures.find(({ id }) => id === picture);
		if (found?.base == null) return { why: "no_picture" };
		const through = now.head;
		const strokes = standing(found);
		const who = initialsOf(now.agent_name, now.seats.customer.name);
		const stamp = stampText(found.at_ms, now.utc_offset_min);
		const decoded = await base(picture).catch(() => null);
		if (decoded === null) return "upload_failed";
		const body = await compose({ base: decoded, strokes, who, stamp }).catch(() => null);
		if (body === null) return "upload_failed";
		this.#state.value = { state: "uploading", progress: 0 };
		return delivery.deliver({
			upload: { kind: "sent", picture, through },
			body,
			landed: () => adopt({ of: "sent", picture, through }, body),
			tell: () => tell(picture, through),
			progress: (progress) => {
				this.#state.value = { state: "uploading", progress };
			},
			signal: this.#over.signal,
		});
	}
}
