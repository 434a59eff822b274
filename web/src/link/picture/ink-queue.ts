// This page's commands about strokes on their way into the log, and the board as they leave it.

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Body, Command, Settled } from "../../session/outbox";
import type { PictureView, View } from "../../session/view";
import { type ShownBoard, Wishes } from "../../session/wishes";
import type { Seat, Stroke } from "../../wire/generated";

export interface InkQueueOptions {
	seat: Seat;
	view: ReadonlySignal<View>;
	/** The open board's picture. */
	board: ReadonlySignal<PictureView | null>;
	ending: ReadonlySignal<boolean>;
	random: () => number;
	command(body: Body): void;
}

export class InkQueue {
	/** The open board with this page's own commands applied. */
	readonly shown: ReadonlySignal<ShownBoard | null>;

	readonly #options: InkQueueOptions;
	readonly #wishes: Wishes;
	/** Moves when a command about strokes is made or settled. */
	readonly #changed = signal(0);
	readonly #unanswered = new Set<number>();
	/** The events of all answered commands lie at or below this head. */
	#answered_head = 0;
	/** Waits for the queue to drain. */
	readonly #waiting: ((drained: boolean) => void)[] = [];
	readonly #marks = new Set<number>();

	constructor(options: InkQueueOptions) {
		this.#options = options;
		this.#wishes = new Wishes(options.seat);
		this.shown = computed(() => {
			void this.#changed.value;
			const picture = options.board.value;
			return picture === null ? null : this.#wishes.shown(picture, options.view.value.head);
		});
	}

	/** Moves when a command about strokes is made or settled. */
	get changed(): ReadonlySignal<number> {
		return this.#changed;
	}

	/** Everything this page drew or took back is in the view. */
	get isDrained(): boolean {
		return this.#unanswered.size === 0 && this.#options.view.peek().head >= this.#answered_head;
	}

	/** A mark that no stroke of this page has. */
	mark(): number {
		const { random, board } = this.#options;
		let one = Math.floor(random() * MARKS);
		const strokes = board.peek()?.strokes ?? [];
		while (this.#marks.has(one) || strokes.some(({ stroke }) => stroke.mark === one)) one = (one + 1) % MARKS;
		this.#marks.add(one);
		return one;
	}

	draw(picture: number, stroke: Stroke): void {
		const { ending, command } = this.#options;
		if (!ending.peek()) command({ topic: "annotation", type: "draw", picture, strokes: [stroke] });
	}

	change(type: "undo" | "undo_all" | "redo"): void {
		const { view, ending, command } = this.#options;
		const { board: picture } = view.peek();
		if (picture !== null && !ending.peek()) command({ topic: "annotation", type, picture });
	}

	queued({ id, body }: Pick<Command, "id" | "body">): void {
		if (body.topic !== "annotation") return;
		this.#unanswered.add(id);
		const { pictures } = this.#options.view.peek();
		const known = pictures.find((one) => "picture" in body && one.id === body.picture);
		this.#wishes.made(id, body, known ?? null);
		this.#changed.value += 1;
	}

	settled({ command: { id, body }, refused, head }: Settled): void {
		if (body.topic !== "annotation") return;
		batch(() => {
			this.#unanswered.delete(id);
			if (refused === null) this.#answered_head = Math.max(this.#answered_head, head ?? 0);
			this.#wishes.settled(id, refused, head);
			this.#changed.value += 1;
		});
		this.answerDrained();
	}

	/** Resolves when the queue is drained; false when that will not happen. */
	drained(): Promise<boolean> {
		return this.isDrained ? Promise.resolve(true) : new Promise((resolve) => this.#waiting.push(resolve));
	}

	answerDrained(): void {
		if (this.isDrained) for (const answer of this.#waiting.splice(0)) answer(true);
	}

	stop(): void {
		for (const answer of this.#waiting.splice(0)) answer(false);
	}
}

const MARKS = 2 ** 32;
