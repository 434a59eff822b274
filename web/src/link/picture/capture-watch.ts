// Watches how the base of the open board is coming, and when it is late.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { PictureView, View } from "../../session/view";
import type { Seat } from "../../wire/generated";
import { captureState, lateAt } from "./capture-state";
import type { CaptureState } from "./contract";
import type { Pictures } from "./pictures";
import type { PreviewFrame } from "./preview-frame";
import type { Stills } from "./stills";
import type { Taking } from "./taking";

export interface CaptureWatchOptions {
	seat: Seat;
	/** Server time. */
	now_ms(): number;
	clockOffset: ReadonlySignal<number>;
	view: ReadonlySignal<View>;
	/** The open board's picture. */
	board: ReadonlySignal<PictureView | null>;
	/** This page is attached to the server. */
	attached: ReadonlySignal<boolean>;
	/** This page is in the background. */
	hidden: ReadonlySignal<boolean>;
	otherHere: ReadonlySignal<boolean>;
	otherPaused: ReadonlySignal<boolean>;
	pictures: Pictures;
	stills: Stills;
	taking: Taking;
	preview: PreviewFrame;
}

export class CaptureWatch {
	readonly state: ReadonlySignal<CaptureState | null>;

	readonly #options: CaptureWatchOptions;
	/** Moves when the base is late. */
	readonly #late = signal(0);

	constructor(options: CaptureWatchOptions) {
		this.#options = options;
		this.state = steady(() => this.#look());
	}

	/** Until the returned function is called. */
	watch(): () => void {
		const { board, clockOffset, taking, now_ms } = this.#options;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const unwatch = effect(() => {
			const picture = board.value;
			void this.#late.value;
			void clockOffset.value;
			clearTimeout(timer);
			if (picture === null || picture.base !== null) return;
			const left = lateAt(picture, taking.progress.value.get(picture.id)?.moved_at_ms ?? null) - now_ms();
			if (left > 0) {
				timer = setTimeout(() => {
					this.#late.value += 1;
				}, left + 1);
			}
		});
		return () => {
			unwatch();
			clearTimeout(timer);
		};
	}

	#look(): CaptureState | null {
		const { seat, view, board, otherHere, otherPaused, attached, hidden, clockOffset } = this.#options;
		const { pictures, stills, taking, preview, now_ms } = this.#options;
		void this.#late.value;
		void clockOffset.value;
		const picture = board.value;
		if (picture === null) return null;
		const customerAway = view.value.seats.customer.away !== null || !otherHere.value;
		const taken = taking.progress.value.get(picture.id);
		return captureState({
			seat,
			picture,
			base: pictures.bases.value.get(picture.id),
			progress: taken?.part ?? preview.progress.value.get(picture.id) ?? null,
			moved_at_ms: taken?.moved_at_ms ?? null,
			now_ms: now_ms(),
			paused: seat === "customer" ? hidden.value : otherPaused.value,
			away: seat === "customer" ? !attached.value : customerAway,
			frame: stills.all.value.has(picture.id),
		});
	}
}

/** Returns the previous value if deep-equal, so that subscribers only fire on change. */
function steady<T>(look: () => T): ReadonlySignal<T> {
	let last: { value: T; text: string } | null = null;
	return computed(() => {
		const value = look();
		const text = JSON.stringify(value);
		if (last?.text !== text) last = { value, text };
		return last.value;
	});
}
