// Sends live messages to the other page: over the channel `live` while it is open, otherwise over
// the socket, and never faster than either carries.

import { encodePassing } from "../../ink/passing";
import type { Passing } from "../../wire/generated";

export interface LiveChannelOptions {
	clock: () => number;
	/** The channel to the other page. `full`: earlier messages have not left yet. */
	live(): "open" | "full" | "closed";
	sayLive(text: string): boolean;
	/** False while there is no socket. */
	saySocket(passing: Passing): boolean;
}

/** Returns what is new since the last call, or null. */
export type Source = () => Passing | null;

export class LiveChannel {
	readonly #options: LiveChannelOptions;
	/** Sources that may have a message, in the order of their turns. */
	readonly #sources = new Set<Source>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#next_at = Number.NEGATIVE_INFINITY;
	#stopped = false;

	constructor(options: LiveChannelOptions) {
		this.#options = options;
	}

	/** A source has a message: it is sent at once, or when its turn comes. */
	wake(source: Source): void {
		if (this.#stopped) return;
		this.#sources.add(source);
		if (this.#timer === undefined) this.#later(this.#next_at - this.#options.clock());
	}

	/** Sends the last message of a source, if that is possible at once. */
	end(source: Source): void {
		this.#sources.delete(source);
		if (this.#stopped || this.#options.live() !== "open") return;
		const last = source();
		if (last !== null) this.#options.sayLive(encodePassing(last));
	}

	/** Forgets a source and its messages. */
	forget(source: Source): void {
		this.#sources.delete(source);
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		this.#sources.clear();
	}

	#later(wait: number): void {
		if (wait <= 0) this.#turn();
		else {
			this.#timer = setTimeout(() => {
				this.#timer = undefined;
				this.#turn();
			}, wait);
		}
	}

	#turn(): void {
		if (this.#sources.size === 0) return;
		const wait = this.#out();
		this.#next_at = this.#options.clock() + wait;
		if (this.#sources.size > 0) this.#later(wait);
	}

	/** Sends what there is; returns how long to wait then. */
	#out(): number {
		const live = this.#options.live();
		if (live === "full") return LIVE_MS;
		for (const source of [...this.#sources]) {
			const passing = source();
			if (passing === null) {
				this.#sources.delete(source);
				continue;
			}
			if (live === "open" && this.#options.sayLive(encodePassing(passing))) continue;
			this.#options.saySocket(passing);
			// The socket carries one message a turn: the next source is first the next time.
			this.#sources.delete(source);
			this.#sources.add(source);
			return SOCKET_MS;
		}
		return LIVE_MS;
	}
}

/** Pointer events come every 8 to 16 ms: sending more often would show no more. */
const LIVE_MS = 25;
/** The server allows a page 30 messages a second in all. */
const SOCKET_MS = 100;
