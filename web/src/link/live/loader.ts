// Loads the part of the page that draws while a call runs, and passes everything to it that
// concerns it. Until it is loaded there is nothing to draw with, and nothing to show.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { PictureView } from "../../session/view";
import type { Event, PageSays, Point, Seat, Stroke } from "../../wire/generated";
import type { Drawing, PointerView, ShownStroke } from "../picture/contract";
import type { World } from "../world";
import type { Tool } from "./drawing";
import type { Live, LiveOptions } from "./live";

export interface LiveLoaderOptions {
	seat: Seat;
	world: World;
	/** The open board's picture. */
	board: ReadonlySignal<PictureView | null>;
	live: LiveOptions["live"];
	/** Sends over the socket. Returns false without one. */
	say(says: PageSays): boolean;
	/** A mark that no stroke of this page has. */
	mark(): number;
	/** Queues a finished stroke for the log. */
	drawn(picture: number, stroke: Stroke): void;
	view: LiveOptions["view"];
	/** Composes and sends a picture. */
	send: LiveOptions["send"];
}

export class LiveLoader {
	readonly growing: ReadonlySignal<readonly ShownStroke[]>;
	readonly pointer: ReadonlySignal<PointerView | null>;

	readonly #options: LiveLoaderOptions;
	readonly #live = signal<Live | null>(null);
	#stopped = false;

	constructor(options: LiveLoaderOptions) {
		this.#options = options;
		this.growing = computed(() => this.#live.value?.inking.growing.value ?? NO_STROKES);
		this.pointer = computed(() => this.#live.value?.pointing.pointer.value ?? null);
	}

	/** Loads what a weak network should not delay later. Called again after a failure. */
	prepare(): void {
		const { world } = this.#options;
		world.darkroom.prepare();
		if (this.#live.peek() !== null) return;
		const loading = world.loadLive().then(({ createLive }) => {
			if (this.#stopped || this.#live.peek() !== null) return;
			this.#live.value = createLive({ ...this.#options, clock: world.clock, lies: world.darkroom.lies });
		});
		loading.catch(() => undefined);
	}

	begin(picture: number, tool: Tool, at: Point, pressure: number | null): Drawing | null {
		// If loading failed before, this try serves the next stroke.
		if (this.#live.peek() === null) this.prepare();
		return this.#live.peek()?.inking.begin(picture, tool, at, pressure) ?? null;
	}

	point(over: "live" | "board", at: Point | null): void {
		this.#live.peek()?.pointing.point(over, at);
	}

	/** Has the other page compose and send a picture; resolves with whether it did. */
	async composedThere(picture: number, over: AbortSignal): Promise<boolean> {
		return (await this.#live.peek()?.composer.composed(picture, over)) ?? false;
	}

	/** A text of the other page. */
	heard(text: string): void {
		this.#live.peek()?.inking.heard(text);
	}

	applied(event: Event): void {
		this.#live.peek()?.inking.applied(event);
	}

	/** Another board is open, or (null) none. */
	boardChanged(picture: number | null): void {
		this.#live.peek()?.pointing.clear();
		this.#live.peek()?.inking.keepOnly(picture);
	}

	/**
	 * The other page is gone: what it was drawing is not finished any more. `lost`: it may be
	 * back.
	 */
	otherGone(lost: boolean): void {
		if (lost) this.#live.peek()?.inking.dropUnfinished();
		else this.#live.peek()?.inking.keepOnly(null);
		this.#live.peek()?.pointing.clear();
	}

	stop(): void {
		this.#stopped = true;
		this.#live.peek()?.stop();
	}
}

const NO_STROKES: readonly ShownStroke[] = [];
