// Sends the open board to the chat: waits until this page's own strokes are in the log, composes,
// uploads, reports.

import { type ReadonlySignal, signal } from "@preact/signals";
import { standing } from "../../session/boards";
import { namesOf, type View } from "../../session/view";
import type { Object as PictureObject, Refusal } from "../../wire/generated";
import type { Sheet } from "./composing";
import { shooting } from "./shooting";
import type { Delivery } from "./delivery";
import type { Decoded } from "./capture";
import type { SendOutcome, SendState } from "./contract";

export interface SendingOptions {
	view(): View;
	/**
	 * Resolves when everything this page drew or took back is in the view; false when that will not
	 * happen.
	 */
	drained(): Promise<boolean>;
	base(picture: number): Promise<Decoded>;
	compose(sheet: Sheet): Promise<Blob | null>;
	/** This browser gives back other pixels than were painted. */
	lies(): Promise<boolean>;
	/** Has the other page compose and send it; whether that was done. */
	composedThere(picture: number, over: AbortSignal): Promise<boolean>;
	delivery: Delivery;
	tell(picture: number, through: number, base: string | undefined): Promise<Refusal | null>;
	/** Caches the bytes of what was sent. */
	adopt(object: PictureObject, body: Blob): void;
	/** Stores which pictures are not answered yet: a reload goes on with them. */
	remember(pictures: readonly number[]): void;
}

/** One picture's way to the chat. */
interface Errand {
	outcome: Promise<SendOutcome>;
	over: AbortController;
	/** The upload was reported: only the answer decides its outcome. */
	told: boolean;
}

export class Sending {
	readonly #options: SendingOptions;
	readonly #state = signal<SendState>(null);
	/** By picture, in the order of their turns. */
	readonly #errands = new Map<number, Errand>();
	#last: Promise<unknown> = Promise.resolve();

	constructor(options: SendingOptions) {
		this.#options = options;
	}

	get state(): ReadonlySignal<SendState> {
		return this.#state;
	}

	/**
	 * A second press while a picture is on its way is the same wish; another picture waits its
	 * turn.
	 */
	send(picture: number): Promise<SendOutcome> {
		const known = this.#errands.get(picture);
		if (known !== undefined) return known.outcome;
		const over = new AbortController();
		const cancelled = new Promise<"cancelled">((resolve) => {
			over.signal.addEventListener("abort", () => {
				if (!errand.told) resolve("cancelled");
			});
		});
		const before = this.#errands.size === 0 ? null : this.#last;
		const work = async (): Promise<SendOutcome> => {
			if (before !== null) await before;
			const became = await Promise.race([this.#send(picture, errand), cancelled]);
			this.#state.value = null;
			return became;
		};
		const errand: Errand = { outcome: cancelled, over, told: false };
		const working = work();
		this.#last = working.catch(() => undefined);
		errand.outcome = Promise.race([working, cancelled]).finally(() => {
			this.#errands.delete(picture);
			this.remember();
		});
		this.#errands.set(picture, errand);
		this.remember();
		return errand.outcome;
	}

	/** The picture was deleted. */
	gone(picture: number): void {
		this.#errands.get(picture)?.over.abort();
	}

	/** The call ends. */
	stop(): void {
		for (const { over } of this.#errands.values()) over.abort();
	}

	/** Stores what is under way. */
	remember(): void {
		this.#options.remember([...this.#errands.keys()]);
	}

	async #send(picture: number, errand: Errand): Promise<SendOutcome> {
		const { view, drained, base, compose, lies, composedThere, delivery, tell, adopt } = this.#options;
		const { signal: over } = errand.over;
		const show = (state: SendState): void => {
			if (!over.aborted) this.#state.value = state;
		};
		show({ state: "composing", picture });
		if (over.aborted || !(await drained())) return "cancelled";
		const { initialsOf, stampOf } = await shooting();
		if (await lies()) return (await composedThere(picture, over)) ? null : "canvas_blocked";
		// No await from here to the sheet: the strokes are those that stand at `through`.
		const now = view();
		const found = now.pictures.find(({ id }) => id === picture);
		if (found === undefined) return "cancelled";
		if (found.base === null) return { why: "no_picture" };
		// Not the head: it changes with every line of chat, and the same picture would get another
		// name.
		const through = found.touched;
		const { digest } = found.base;
		const strokes = standing(found);
		const who = initialsOf(namesOf(now));
		const stamp = stampOf(found.source, found.taken_at_ms, found.utc_offset_min);
		const decoded = await base(picture).catch(() => null);
		if (decoded === null) return "upload_failed";
		if (over.aborted) return "cancelled";
		const body = await compose({ base: decoded, strokes, who, stamp }).catch(() => null);
		if (over.aborted) return "cancelled";
		if (body === null) return "upload_failed";
		show({ state: "uploading", picture, progress: 0 });
		const became = await delivery.deliver({
			upload: { kind: "sent", picture, through },
			body,
			landed: () => adopt({ of: "sent", picture, through }, body),
			tell: () => {
				errand.told = !over.aborted;
				return tell(picture, through, digest);
			},
			progress: (progress) => show({ state: "uploading", picture, progress }),
			signal: over,
		});
		if (became === null) return null;
		const gone = view().pictures.every(({ id }) => id !== picture);
		return over.aborted || gone || (became !== "upload_failed" && became.why === "call_ended") ? "cancelled" : became;
	}
}
