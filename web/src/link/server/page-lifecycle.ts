// The page around a call: in the background or not, closing, and typing on either side.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { PageSays, Seat } from "../../wire/generated";
import type { World } from "../world";

export interface PageLifecycleOptions {
	seat: Seat;
	world: World;
	joined: ReadonlySignal<boolean>;
	/** The phone keeps the camera's picture back. */
	camera: ReadonlySignal<boolean>;
	say(says: PageSays): boolean;
	/** The page is visible again. */
	visible(): void;
	online(): void;
}

export class PageLifecycle {
	readonly #options: PageLifecycleOptions;
	readonly #otherTyping = signal(false);
	readonly #hidden = signal(false);
	/** Only the customer's camera matters to the call. */
	readonly cameraPaused: ReadonlySignal<boolean>;
	readonly #unlisten: () => void;
	readonly #unwatch: () => void;
	#typing_off: ReturnType<typeof setTimeout> | undefined;
	#typed_at = Number.NEGATIVE_INFINITY;

	constructor(options: PageLifecycleOptions) {
		this.#options = options;
		const { seat, camera, world, say, visible, online } = options;
		this.#hidden.value = this.#isAway();
		this.cameraPaused = computed(() => seat === "customer" && camera.value);
		let told = false;
		this.#unwatch = effect(() => {
			if (told === this.cameraPaused.value) return;
			told = this.cameraPaused.value;
			this.#sayPresence();
		});
		this.#unlisten = world.listen({
			visible: () => {
				this.#hidden.value = this.#isAway();
				this.#sayPresence();
				if (!world.hidden()) visible();
			},
			online,
			leaves: () => say({ topic: "session", type: "leave" }),
		});
	}

	get otherTyping(): ReadonlySignal<boolean> {
		return this.#otherTyping;
	}

	/** This page is in the background, where a phone gives neither camera nor timers. */
	get hidden(): ReadonlySignal<boolean> {
		return this.#hidden;
	}

	/** One of the two pages is attached (again): the other must hear whether this one is paused. */
	attached(): void {
		if (this.#isAway() || this.cameraPaused.peek()) this.#sayPresence();
	}

	/** The person types. */
	typing(): void {
		const { world, joined, say } = this.#options;
		if (!joined.peek() || world.clock() - this.#typed_at < TYPING_EVERY_MS) return;
		this.#typed_at = world.clock();
		say({ topic: "chat", type: "typing" });
	}

	/** The other person types. */
	typingSeen(): void {
		this.#otherTyping.value = true;
		clearTimeout(this.#typing_off);
		this.#typing_off = setTimeout(() => this.typingOver(), TYPING_MS);
	}

	typingOver(): void {
		this.#otherTyping.value = false;
	}

	close(): void {
		this.#unlisten();
		this.#unwatch();
		clearTimeout(this.#typing_off);
	}

	#isAway(): boolean {
		const { seat, world } = this.#options;
		// A desk's browser goes on in the background; a phone's takes camera and sound away.
		return world.hidden() && (seat === "customer" || world.handheld());
	}

	/** The server takes presence only from the page that holds the seat. */
	#sayPresence(): void {
		const { joined, say } = this.#options;
		const away = this.#hidden.peek();
		const camera = !away && this.cameraPaused.peek();
		if (!joined.peek()) return;
		say({ topic: "signaling", type: "presence", paused: away || camera, ...(camera && { camera }) });
	}
}

const TYPING_MS = 5_000;
const TYPING_EVERY_MS = 2_000;
