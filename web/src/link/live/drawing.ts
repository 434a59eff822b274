// Strokes while they are drawn: this page's own as they are sent, the other person's as they
// arrive.

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { Growing } from "../../ink/growing";
import { Pen, Shape } from "../../ink/line";
import { decodePassing } from "../../ink/passing";
import { Pieces } from "../../ink/pieces";
import type { PictureView } from "../../session/view";
import type { Event, Ink, Passing, Point, Seat, Stroke } from "../../wire/generated";
import { opposite } from "../../wire/seats";
import type { LiveChannel } from "./channel";
import type { Pointing } from "./pointing";
import type { Drawing, ShownStroke } from "../picture/contract";

export interface InkingOptions {
	seat: Seat;
	clock: () => number;
	/** A mark that no stroke of this page has. */
	mark(): number;
	channel: LiveChannel;
	pointing: Pointing;
	/** The open board's picture. */
	board: ReadonlySignal<PictureView | null>;
	/** Queues a finished stroke for the log. */
	drawn(picture: number, stroke: Stroke): void;
	/** The other page asks this one to compose and send a picture. */
	compose(picture: number): void;
}

export type Tool = "pen" | "arrow" | "circle" | "box";

export class Inking {
	readonly growing: ReadonlySignal<readonly ShownStroke[]>;

	readonly #options: InkingOptions;
	readonly #other: Seat;
	readonly #growing = new Growing();
	/** Moves when a stroke grew or went. */
	readonly #grown = signal(0);
	#expiring: ReturnType<typeof setTimeout> | undefined;
	#stopped = false;

	constructor(options: InkingOptions) {
		this.#options = options;
		this.#other = opposite(options.seat);
		let shown: readonly ShownStroke[] = [];
		this.growing = computed(() => {
			void this.#grown.value;
			const picture = options.board.value;
			const strokes = picture === null ? [] : this.#shown(picture);
			// Equal strokes keep the same array: otherwise the page would paint on every event.
			const same = strokes.length === shown.length && strokes.every((one, at) => one.ink === shown[at]?.ink);
			if (!same) shown = strokes;
			return shown;
		});
	}

	begin(picture: number, tool: Tool, at: Point, pressure: number | null): Drawing {
		const { channel, drawn } = this.#options;
		const mark = this.#options.mark();
		const drawing = tool === "pen" ? new Pen(at, pressure) : new Shape(tool, at);
		const pieces = new Pieces(picture, mark, drawing);
		const ink = signal<Ink | null>(drawing.ink);
		let over = false;
		let resting: ReturnType<typeof setTimeout> | undefined;
		const source = (): Passing | null => {
			const piece = pieces.take();
			if (piece !== null) rest(piece);
			return piece;
		};
		/**
		 * Repeats the last piece while the hand rests: the other page drops a stroke that is not
		 * repeated.
		 */
		const rest = (last: Passing): void => {
			clearTimeout(resting);
			if (over || this.#stopped) return;
			resting = setTimeout(() => {
				if (!over) channel.wake(once(last));
				rest(last);
			}, RESTING_MS);
		};
		channel.wake(source);
		return {
			mark,
			ink,
			add(points, pressures = null) {
				if (over) return;
				drawing.add(points, pressures);
				ink.value = drawing.ink;
				channel.wake(source);
			},
			finish: () => {
				if (over) return;
				const finished = drawing.finished();
				if (isNothing(finished)) {
					giveUp();
					return;
				}
				over = true;
				clearTimeout(resting);
				channel.forget(source);
				// One message may be lost, and the other page would take the stroke for given up.
				channel.end(() => pieces.done());
				for (const wait of DONE_MS) setTimeout(() => channel.end(() => pieces.done()), wait);
				batch(() => {
					drawn(picture, { mark, ...finished });
					ink.value = null;
				});
			},
			drop: () => {
				if (!over) giveUp();
			},
		};

		function giveUp(): void {
			over = true;
			clearTimeout(resting);
			ink.value = null;
			channel.forget(source);
			// One message may be lost, and the stroke would stay on the other page for seconds.
			for (const wait of DROPPED_MS) setTimeout(() => channel.wake(once(pieces.dropped())), wait);
		}
	}

	/** Asks the other page to compose and send a picture. The message may be lost. */
	askToCompose(picture: number): void {
		this.#options.channel.wake(once({ type: "compose", picture }));
	}

	/** A text of the other page, not checked yet. */
	heard(text: string): void {
		const passing = decodePassing(text);
		if (passing === null || this.#stopped) return;
		if (passing.type === "pointer") this.#options.pointing.heard(passing);
		else if (passing.type === "compose") this.#options.compose(passing.picture);
		else if (this.#growing.take(passing, this.#options.clock())) this.#changed();
	}

	/** An event was applied: a finished stroke is the log's from here on, and no longer grows. */
	applied(event: Event): void {
		if (!("seat" in event) || event.seat === this.#options.seat) return;
		const grew = event.type === "drawn" && this.#growing.finished(event.picture, event.stroke.mark);
		if (DONE_BY.has(event.type)) {
			this.#growing.settle(this.#options.clock());
			this.#changed();
		} else if (grew) this.#grown.value += 1;
	}

	/** The other page is gone: it does not go on with what it was drawing. */
	dropUnfinished(): void {
		if (this.#growing.dropUnfinished()) this.#changed();
	}

	/** Drops growing strokes of other pictures: another board is open, or (null) none. */
	keepOnly(picture: number | null): void {
		if (this.#growing.keepOnly(picture)) this.#changed();
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#expiring);
	}

	#shown({ id }: PictureView): ShownStroke[] {
		return this.#growing.shown(id).map(({ mark, ink }) => ({ mark, seat: this.#other, ink, pending: true }));
	}

	#changed(): void {
		clearTimeout(this.#expiring);
		const now = this.#options.clock();
		// Before the signal moves: its subscribers read at once.
		const again_at = this.#growing.expire(now);
		this.#grown.value += 1;
		if (again_at === null) return;
		this.#expiring = setTimeout(() => this.#changed(), again_at - now + 1);
	}
}

/** The tool needs two places, and was only tapped. */
function isNothing(ink: Ink): boolean {
	return "from" in ink && ink.from[0] === ink.to[0] && ink.from[1] === ink.to[1];
}

function once(passing: Passing): () => Passing | null {
	let left: Passing | null = passing;
	return () => {
		const now = left;
		left = null;
		return now;
	};
}

const DROPPED_MS = [0, 200, 800];
const DONE_MS = [200, 800];
/** The author's commands come in order: after one of these, a stroke before it was answered. */
const DONE_BY: ReadonlySet<Event["type"]> = new Set(["drawn", "undone", "redone", "cleared", "said"]);
/** The other page waits 10 s: two of these may be lost. */
const RESTING_MS = 3_000;
