// Work that waits for the work before it, and failures that somebody else handles.

/** Does one thing after the other. */
export class Turns {
	#last = Promise.resolve();

	/**
	 * Does this after everything before it, failed or not.
	 * @template T
	 * @param {() => Promise<T>} work
	 * @returns {Promise<T>}
	 */
	take(work) {
		const done = this.#last.then(work);
		this.#last = done.then(ignored, ignored);
		return done;
	}
}

/** For an outcome that is looked at elsewhere, or whose other sign is enough. */
export function ignored() {
	// Nothing to do.
}
