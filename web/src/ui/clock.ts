// The page's clock as a signal that ticks only while it is watched. It is the clock of `link/`:
// setting the device's clock does not move it.

import { computed, type ReadonlySignal, signal } from "@preact/signals";

let timer: ReturnType<typeof setInterval> | undefined;

const tick = signal(performance.now(), {
	watched() {
		tick.value = performance.now();
		timer = setInterval(() => {
			tick.value = performance.now();
		}, 500);
	},
	unwatched() {
		clearInterval(timer);
	},
});

/** Page time, milliseconds. With `clockOffset` of a call it is server time. */
export const now: ReadonlySignal<number> = computed(() => tick.value);

/** `3:07`, or `1:02:45` from an hour on. */
export function minutes(ms: number): string {
	const all = Math.max(0, Math.floor(ms / 1000));
	const two = (n: number): string => String(n).padStart(2, "0");
	const hours = Math.floor(all / 3600);
	const rest = `${hours > 0 ? two(Math.floor((all % 3600) / 60)) : Math.floor(all / 60)}:${two(all % 60)}`;
	return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Whole seconds left, never below zero. */
export function secondsLeft(until_ms: number, now_ms: number): number {
	return Math.max(0, Math.ceil((until_ms - now_ms) / 1000));
}
