// Pictures that the page was sending before a reload: sending them goes on when the log is here.

import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Command, Settled } from "../../session/outbox";
import { linesAfter } from "../../session/newest-lines";
import type { View } from "../../session/view";
import type { Refusal } from "../../wire/generated";
import type { InkQueue } from "./ink-queue";
import type { Sending } from "./sending";

export interface ResumedSendingOptions {
	view: ReadonlySignal<View>;
	ready: ReadonlySignal<boolean>;
	joined: ReadonlySignal<boolean>;
	ending: ReadonlySignal<boolean>;
	ink: InkQueue;
	sending: Sending;
	/** Reports a refusal that no caller waits for. */
	refused(refused: Refusal): void;
}

export class ResumedSending {
	readonly #options: ResumedSendingOptions;
	/** Sent before the reload and not answered. */
	readonly #unsent = signal<ReadonlySet<number>>(new Set());
	/** Pictures of unanswered `send` commands, by command id. */
	readonly #commands = new Map<number, number>();

	constructor(options: ResumedSendingOptions) {
		this.#options = options;
	}

	restored(pictures: readonly number[]): void {
		this.#unsent.value = new Set(pictures);
	}

	/** Adds the pictures under way to those that wait to be resumed. */
	withUnsent(underWay: readonly number[]): number[] {
		const unsent = this.#unsent.peek();
		return [...unsent, ...underWay.filter((one) => !unsent.has(one))];
	}

	queued({ id, body }: Pick<Command, "id" | "body">): void {
		if (body.type === "send") this.#commands.set(id, body.picture);
	}

	settled({ command: { id, body }, refused }: Settled): void {
		if (!this.#commands.delete(id) || body.type !== "send") return;
		// The store lost the upload before the server checked it: it has to be uploaded again.
		if (refused?.why === "not_uploaded") this.#unsent.value = new Set(this.#unsent.peek());
		else this.#answered(body.picture);
	}

	/** Until the returned function is called. */
	watch(): () => void {
		const { view, ready, joined, ending, ink } = this.#options;
		return effect(() => {
			if (this.#unsent.value.size === 0 || !joined.value || !ready.value || ending.value) return;
			const now = view.value;
			void ink.changed.value;
			untracked(() => this.#resume(now));
		});
	}

	#resume({ pictures, lines }: View): void {
		// Until the page's strokes are in the log it is not known which picture was meant.
		if (!this.#options.ink.isDrained) return;
		for (const id of this.#unsent.peek()) {
			if ([...this.#commands.values()].includes(id)) continue;
			const picture = pictures.find((one) => one.id === id);
			this.#answered(id);
			if (picture === undefined) continue;
			const since = linesAfter(lines, picture.touched);
			const sent = since.some(({ picture: one }) => one?.picture === id && one.through === picture.touched);
			if (!sent) void this.#send(id);
		}
	}

	async #send(picture: number): Promise<void> {
		const { sending, refused } = this.#options;
		const became = await sending.send(picture);
		if (became === "upload_failed" || became === "canvas_blocked") refused({ why: "not_uploaded" });
		else if (became !== null && became !== "cancelled") refused(became);
	}

	#answered(picture: number): void {
		const left = new Set(this.#unsent.peek());
		if (!left.delete(picture)) return;
		this.#unsent.value = left;
		this.#options.sending.remember();
	}
}
