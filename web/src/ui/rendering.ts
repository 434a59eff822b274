// When a page renders what changed.

import { options } from "preact";
import { nextTask } from "../link/turn";

/**
 * What a press changed renders within it: phones open their keyboard only for a field that takes
 * the focus then. What came by itself renders in a task of its own, after the one that took it in.
 */
export function renderInTurn(): void {
	options.debounceRendering = (render) => {
		const { event } = globalThis;
		if (event === undefined || event instanceof MessageEvent) void nextTask().then(render);
		else queueMicrotask(render);
	};
}

/**
 * Moves the focus once what changed so far is rendered, unless somebody has moved it since `before`
 * had it: a slow page gets there late.
 */
export function focusLater(
	find: () => HTMLElement | null | undefined,
	before: Element | null = document.activeElement,
): void {
	const move = (): void => {
		const now = document.activeElement;
		if (now === before || now === document.body) find()?.focus();
	};
	void nextTask().then(() => requestAnimationFrame(move));
}
