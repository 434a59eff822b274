// Decides when a page that hears of a newer log from the other page tests its own connection to the
// server. Pure.

export class Behind {
	/** Since when the other page has had more than this one. */
	#since: number | null = null;
	#probed_at = Number.NEGATIVE_INFINITY;

	/**
	 * Returns whether the server's connection is to be tested. `theirs` and `ours` are the newest
	 * events that the pages know, `heard_at` is when anything came from the server. What the other
	 * page says is believed no further than that.
	 */
	tests(now: number, { theirs, ours, heard_at }: { theirs: number; ours: number; heard_at: number }): boolean {
		if (theirs <= ours) this.#since = null;
		else this.#since ??= now;
		if (this.#since === null || now - Math.max(this.#since, heard_at, this.#probed_at) < SILENT_MS) return false;
		this.#probed_at = now;
		return true;
	}
}

const SILENT_MS = 3_000;
