// The session's log as this page has it: put in order, folded into the view, completed when events
// are missing.

import { batch, type Signal } from "@preact/signals";
import { apply, EMPTY, type Folded } from "../../session/fold";
import { Lines } from "../../session/lines";
import { OrderedLog } from "../../session/log";
import type { View } from "../../session/view";
import type { Event, Log as LogBatch, Refusal, Seat } from "../../wire/generated";
import type { ApiResult } from "./api";

export interface HistoryOptions {
	seat: Seat;
	clock: () => number;
	/** The page is in the background, where timers are slow and nobody waits for a frame. */
	hidden: () => boolean;
	/** Receives the folded log with this page's own chat lines in it. */
	view: Signal<View>;
	/** An event was folded; the view is published after the last of a batch. */
	applied(event: Event): void;
	/** A batch was taken. */
	taken(): void;
	/** The log says that the call is over. */
	ended(): void;
	/** Requests the events after this one over the socket. */
	resume(after: number): void;
	/** The same over HTTP; null while that is not possible. */
	fetch(after: number): Promise<ApiResult<LogBatch>> | null;
	/** A fetch was answered. */
	fetched(): void;
}

export class History {
	readonly #options: HistoryOptions;
	readonly #log = new OrderedLog();
	readonly #lines: Lines;
	#folded: Folded = EMPTY;
	/** Events in order that are not folded yet. */
	#waiting: Event[] = [];
	#resting = false;
	/** The view is complete once the log reaches this head. */
	#complete_at = 0;
	#fetching = false;
	#stopped = false;

	constructor(options: HistoryOptions) {
		this.#options = options;
		this.#lines = new Lines(options.seat);
	}

	/** The log without this page's own lines. */
	get folded(): Folded {
		return this.#folded;
	}

	/** Newest event the server is known to have. */
	get known(): number {
		return this.#log.known;
	}

	get isComplete(): boolean {
		return this.#folded.head >= this.#complete_at;
	}

	/** `attached` named the server's head: the view is complete when it has been reached. */
	attached(head: number): void {
		const { clock } = this.#options;
		this.#complete_at = head;
		this.#log.learn(head, clock());
		this.#log.restart(clock());
	}

	heard(head: number): void {
		this.#log.learn(head, this.#options.clock());
	}

	take(events: readonly Event[], head: number, more: boolean): void {
		const { clock } = this.#options;
		for (const event of this.#log.push(events, clock())) this.#waiting.push(event);
		this.#log.learn(head, clock());
		if (more) this.#log.more(clock());
		if (!this.#resting) this.#fold();
	}

	/** Requests what is missing, when that is due; returns when to look again. */
	requestMissing(now: number): number | null {
		const { after, again_at } = this.#log.poll(now);
		if (after !== null) this.#request(after);
		return again_at;
	}

	/** A chat line of this page is on its way; its event comes after event `after`. */
	addLine(id: number, text: string, at_ms: number, after = this.#folded.head): void {
		this.#lines.wrote(id, text, at_ms, after);
	}

	settleLine(id: number, refused: Refusal | null, head: number | null): void {
		this.#lines.settled(id, refused, head, this.#folded);
		this.publish();
	}

	/** Takes a failed line out; returns its text. */
	takeFailedLine(id: number): string | null {
		return this.#lines.takeFailed(id);
	}

	publish(): void {
		const { view, ended } = this.#options;
		view.value = this.#lines.merge(this.#folded);
		if (this.#folded.ended !== null) ended();
	}

	stop(): void {
		this.#stopped = true;
	}

	/** Folds what waits, in slices: between two of them the page answers its people. */
	#fold(): void {
		const { clock, hidden, applied, taken } = this.#options;
		const until = hidden() ? Number.POSITIVE_INFINITY : clock() + SLICE_MS;
		const before = this.#folded;
		let folded = 0;
		// One change: a stroke that stops growing is finished in the same moment.
		batch(() => {
			for (const event of this.#waiting) {
				this.#folded = apply(this.#folded, event) ?? this.#folded;
				applied(event);
				folded += 1;
				// Who comes is not shown before what they have on, which the next event tells.
				if (clock() > until && event.type !== "joined" && event.type !== "moved") break;
			}
			this.#waiting = this.#waiting.slice(folded);
			if (this.#folded !== before) this.publish();
		});
		taken();
		if (this.#waiting.length === 0) return;
		this.#resting = true;
		setTimeout(() => {
			this.#resting = false;
			if (!this.#stopped) this.#fold();
		});
	}

	#request(after: number): void {
		const { resume, fetch, fetched } = this.#options;
		if (this.#log.known - after <= FAR_BEHIND) {
			resume(after);
			return;
		}
		const fetching = this.#fetching ? null : fetch(after);
		if (fetching === null) return;
		this.#fetching = true;
		void fetching.then((answer) => {
			this.#fetching = false;
			if (this.#stopped) return;
			if (answer.ok) this.take(answer.value.events, answer.value.head, answer.value.more);
			else resume(after);
			fetched();
		});
	}
}

/** Half a frame, so that the rest of a task has room. */
const SLICE_MS = 8;
/** Events; more come quicker by HTTP. */
const FAR_BEHIND = 400;
