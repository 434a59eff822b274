// Tells a network that blocks WebSockets from one that is down, and from a server that restarts:
// the server answers requests, and a socket that was tried after an answer is still not attached.

import { type ReadonlySignal, signal } from "@preact/signals";

export interface ReachOptions {
	/** Milliseconds of a clock that never goes back. */
	clock: () => number;
	/** Since when the page is not attached; null while it is. */
	unattachedSince(): number | null;
	/** Asks by a request whether the page still has its seat. */
	ask(): Promise<"held" | "gone" | "unknown">;
	/** Tries to connect at once instead of waiting. */
	tryNow(): void;
	/** The page has no seat any more. */
	gone(): void;
}

export class Reach {
	readonly #options: ReachOptions;
	readonly #blocked = signal(false);
	/** Since when the server answers requests, while no socket is attached. */
	#answers_since: number | null = null;
	#next_at: number;

	constructor(options: ReachOptions) {
		this.#options = options;
		this.#next_at = options.clock() + LOOK_MS;
	}

	get blocked(): ReadonlySignal<boolean> {
		return this.#blocked;
	}

	/** Called now and then. */
	look(): void {
		const { clock, unattachedSince } = this.#options;
		const since = unattachedSince();
		if (since === null || clock() < Math.max(since + LOOK_MS, this.#next_at)) return;
		const rarely = this.#blocked.peek() || clock() - since > SOON_MS;
		this.#next_at = clock() + (rarely ? RARELY_MS : LOOK_MS);
		void this.ask();
	}

	/** Asks now. */
	async ask(): Promise<void> {
		const { clock, unattachedSince, ask, tryNow, gone } = this.#options;
		const since = unattachedSince();
		const state = await ask();
		// An answer from before the page was attached says nothing of what is now.
		if (since === null || unattachedSince() !== since) return;
		if (state === "gone") return gone();
		if (state !== "held") this.startAgain();
		else if (this.#answers_since === null) {
			this.#answers_since = clock();
			tryNow();
		} else this.#blocked.value ||= clock() - this.#answers_since >= BLOCKED_MS;
	}

	/** The network may be another one: what failed before may work. */
	startAgain(): void {
		this.#answers_since = null;
		this.#blocked.value = false;
		this.#next_at = Math.max(this.#next_at, this.#options.clock() + LOOK_MS);
	}
}

const LOOK_MS = 2_000;
/** Longer than a socket takes to be attached on a slow network. */
const BLOCKED_MS = 3_500;
/** An outage that lasts longer is looked at rarely. */
const SOON_MS = 20_000;
const RARELY_MS = 10_000;
