// Parts of a page that load later, so that the first page stays small. Loading is repeated until it
// succeeds, since a weak network may fail it.

import { signal } from "@preact/signals";
import { nextTask } from "../link/turn";

export interface LazyPart<T> {
	/** Starts loading; several parts in tasks of their own, so that no press waits for all. */
	preload(): void;
	/** Resolves when the part is loaded. */
	loaded(): Promise<T>;
	/** For components: the part, or null while it loads. */
	use(): T | null;
	/** The part, if it is loaded. */
	peek(): T | null;
}

export function later<T>(load: () => Promise<T>): LazyPart<T> {
	// Wrapped in an object, because the part may be a function.
	const part = signal<{ is: T } | null>(null);
	let coming: Promise<T> | null = null;
	const attempts = async (): Promise<T> => {
		for (;;) {
			try {
				const is = await load();
				part.value = { is };
				return is;
			} catch {
				await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
			}
		}
	};
	const loaded = (): Promise<T> => {
		coming ??= attempts();
		return coming;
	};
	let wanted = false;
	const soon = (): void => {
		if (wanted || coming !== null) return;
		wanted = true;
		turn = turn.then(nextTask).then(() => void loaded());
	};
	return {
		preload: soon,
		loaded,
		use() {
			if (part.value === null) soon();
			return part.value?.is ?? null;
		},
		peek: () => part.peek()?.is ?? null,
	};
}

/** Comes once the part before has begun to load. */
let turn: Promise<void> = Promise.resolve();

const AGAIN_MS = 2_000;
