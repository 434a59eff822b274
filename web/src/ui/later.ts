// Parts of a page that load during the call, so that the first page stays small. Loading is
// repeated until it succeeds, since a weak network may fail it.

import { signal } from "@preact/signals";

export interface LazyPart<T> {
	/** Starts loading. */
	preload(): void;
	/** For components: the part, or null while it loads. */
	use(): T | null;
}

export function later<T>(load: () => Promise<T>): LazyPart<T> {
	// Wrapped in an object, because the part may be a function.
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
