// What a gesture does on the picture. The customer's hand only draws with a pen.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { t } from "../../i18n";
import type { Drawing, Shared } from "../../link/picture/contract";
import type { Ink, Point } from "../../wire/generated";
import { note } from "../toasts";
import { DOUBLE_MS } from "./gesture";

/** Points are picture coordinates. A gesture begins, then it is finished, dropped or a tap. */
export interface Hand {
	/** What is being drawn, to paint it. */
	readonly inks: ReadonlySignal<readonly Ink[]>;
	begin(at: Point, pressure: number | null): void;
	add(points: readonly Point[], pressure: readonly number[] | null): void;
	finish(): void;
	drop(): void;
	/**
	 * Lifted where it was put down. `perhaps`: a second tap may follow and make it a double tap.
	 */
	tap(at: Point, perhaps: boolean): void;
	/** The second tap came: undoes the first. */
	untap(): void;
	/** Takes back what was finished or tapped last. */
	takeBack(): void;
	/** A mouse or a pen hovers over the picture; null when it leaves. */
	hover(at: Point | null): void;
}

export function penHand(shared: Shared): Hand {
	const drawing = signal<Drawing | null>(null);
	const tapped = signal<Drawing | null>(null);
	let timer: ReturnType<typeof setTimeout> | undefined;
	const settle = (): void => {
		clearTimeout(timer);
		tapped.peek()?.finish();
		tapped.value = null;
	};
	const end = (how: "finish" | "drop"): void => {
		drawing.peek()?.[how]();
		drawing.value = null;
	};
	return {
		inks: computed(() => [tapped.value, drawing.value].flatMap((one) => one?.ink.value ?? [])),
		begin(at, pressure) {
			end("finish");
			drawing.value = shared.draw("pen", at, pressure);
			tellFull(shared);
		},
		add: (points, pressure) => drawing.peek()?.add(points, pressure),
		finish() {
			settle();
			end("finish");
		},
		drop: () => end("drop"),
		tap(_, perhaps) {
			settle();
			if (!perhaps) return end("finish");
			tapped.value = drawing.peek();
			drawing.value = null;
			timer = setTimeout(settle, DOUBLE_MS);
		},
		untap() {
			clearTimeout(timer);
			tapped.peek()?.drop();
			tapped.value = null;
			end("drop");
		},
		takeBack() {
			if (tapped.peek() === null) shared.undo();
			else this.untap();
		},
		hover: () => undefined,
	};
}

/** Returns whether the board is full, and shows a notice if so. */
export function tellFull(shared: Shared): boolean {
	const full = shared.board.peek()?.full ?? false;
	if (full) note(t("board_full"));
	return full;
}
