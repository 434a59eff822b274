// Where the agent points, on the board or on the live picture: sent by the agent's page, shown on
// the customer's.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Passing, Point, Seat } from "../../wire/generated";
import type { LiveChannel, Source } from "./channel";
import type { PointerView } from "../picture/contract";

export interface PointingOptions {
	seat: Seat;
	channel: LiveChannel;
	board(): number | null;
}

export class Pointing {
	readonly #options: PointingOptions;
	readonly #pointer = signal<PointerView | null>(null);
	#gone: ReturnType<typeof setTimeout> | undefined;
	/** The next message. */
	#next: Passing | null = null;
	/** The last message, and how often it is still to be repeated. */
	#last: Passing | null = null;
	#repeats = 0;
	#repeat: ReturnType<typeof setTimeout> | undefined;

	constructor(options: PointingOptions) {
		this.#options = options;
	}

	get pointer(): ReadonlySignal<PointerView | null> {
		return this.#pointer;
	}

	point(over: "live" | "board", at: Point | null): void {
		const { seat, board, channel } = this.#options;
		const picture = over === "board" ? board() : null;
		if (seat !== "agent" || (over === "board" && picture === null)) return;
		if (at === null && this.#last?.type === "pointer" && this.#last.at === undefined) return;
		this.#next = {
			type: "pointer",
			...(picture === null ? {} : { picture }),
			...(at === null ? {} : { at: [place(at[0]), place(at[1])] }),
		};
		// Repeated, because a message may be lost and the pointer may rest.
		this.#repeats = at === null ? STOP_REPEATS : REST_REPEATS;
		channel.wake(this.#source);
	}

	heard(passing: Extract<Passing, { type: "pointer" }>): void {
		if (this.#options.seat === "agent") return;
		const picture = passing.picture ?? null;
		clearTimeout(this.#gone);
		if (passing.at === undefined || picture !== this.#options.board()) {
			this.#pointer.value = null;
			return;
		}
		this.#pointer.value = { seat: "agent", picture, at: passing.at };
		this.#gone = setTimeout(() => this.clear(), GONE_MS);
	}

	/** Another board, or none: nothing points at it yet. */
	clear(): void {
		clearTimeout(this.#gone);
		this.#pointer.value = null;
	}

	stop(): void {
		this.clear();
		clearTimeout(this.#repeat);
		this.#options.channel.forget(this.#source);
	}

	readonly #source: Source = () => {
		const next = this.#next;
		this.#next = null;
		if (next === null) return null;
		this.#last = next;
		clearTimeout(this.#repeat);
		if (this.#repeats > 0) this.#repeat = setTimeout(() => this.#again(next), REPEAT_MS);
		return next;
	};

	#again(said: Passing): void {
		if (this.#next !== null) return;
		this.#repeats -= 1;
		this.#next = said;
		this.#options.channel.wake(this.#source);
	}
}

function place(value: number): number {
	return Number.isNaN(value) ? 0 : Math.round(Math.min(65_535, Math.max(0, value)));
}

const GONE_MS = 3_000;
const REPEAT_MS = 900;
/** A pointer at rest stays for about twelve seconds. */
const REST_REPEATS = 10;
const STOP_REPEATS = 1;
