// A part of a page that is loaded while the call runs, so that the page before it stays small. A
// weak network may lose it: it is asked for again until it is there.

import { signal } from "@preact/signals";

export interface Later<T> {
	/** Starts loading. */
	preload(): void;
	/** In a component: the part, or null while it is loading. */
	use(): T | null;
}

export function later<T>(load: () => Promise<T>): Later<T> {
	// Inside an object, because the part may be a function.
	const loaded = signal<{ part: T } | null>(null);
	let loading = false;
	const preload = (): void => {
		if (loading || loaded.peek() !== null) return;
		loading = true;
		load().then(
			(part) => {
				loaded.value = { part };
			},
			() => {
				loading = false;
				setTimeout(preload, AGAIN_MS);
			},
		);
	};
	return {
		preload,
		use() {
			if (loaded.value === null) preload();
			return loaded.value?.part ?? null;
		},
	};
}

const AGAIN_MS = 2_000;
