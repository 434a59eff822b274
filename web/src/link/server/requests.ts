// Requests whose answers name their subject instead of a number: slots and links. Each is repeated
// until it is answered.

import type { PageSays } from "../../wire/generated";

interface Open<Answer> {
	says: PageSays;
	promise: Promise<Answer | null>;
	answer: (answer: Answer | null) => void;
	/** How often it was sent. */
	said: number;
	timer: ReturnType<typeof setTimeout> | undefined;
}

export class Requests<Answer> {
	readonly #say: (says: PageSays) => boolean;
	readonly #open = new Map<string, Open<Answer>>();
	#stopped = false;

	/** `say` sends over the socket and returns false without one. */
	constructor(say: (says: PageSays) => boolean) {
		this.#say = say;
	}

	/**
	 * Resolves with the answer, or with null after several requests without one. Waits while there
	 * is no socket.
	 */
	request(about: object, says: PageSays): Promise<Answer | null> {
		const key = keyOf(about);
		const running = this.#open.get(key);
		if (running !== undefined) return running.promise;
		if (this.#stopped) return Promise.resolve(null);
		let answer: Open<Answer>["answer"] = () => undefined;
		const promise = new Promise<Answer | null>((resolve) => {
			answer = resolve;
		});
		const open: Open<Answer> = { says, promise, answer, said: 0, timer: undefined };
		this.#open.set(key, open);
		this.#out(key, open);
		return promise;
	}

	answered(about: object, answer: Answer): void {
		this.#close(keyOf(about), answer);
	}

	/** The socket is attached (again): requests sent on the old one will not be answered. */
	attached(): void {
		for (const [key, open] of this.#open) this.#out(key, open);
	}

	stop(): void {
		this.#stopped = true;
		for (const key of [...this.#open.keys()]) this.#close(key, null);
	}

	#out(key: string, open: Open<Answer>): void {
		clearTimeout(open.timer);
		if (open.said >= SAID_MAX) {
			this.#close(key, null);
			return;
		}
		if (!this.#say(open.says)) return;
		open.said += 1;
		open.timer = setTimeout(() => this.#out(key, open), AGAIN_MS);
	}

	#close(key: string, answer: Answer | null): void {
		const open = this.#open.get(key);
		if (open === undefined) return;
		this.#open.delete(key);
		clearTimeout(open.timer);
		open.answer(answer);
	}
}

/** The order of the fields does not matter. */
function keyOf(about: object): string {
	return JSON.stringify(Object.entries(about).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const AGAIN_MS = 3_000;
const SAID_MAX = 5;
