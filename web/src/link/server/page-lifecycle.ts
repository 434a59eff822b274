// The page around a call: in the background or not, on its way out, somebody typing on either side.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { PageSays, Seat } from "../../wire/generated";
import type { World } from "../world";

export interface AroundOptions {
	seat: Seat;
	world: World;
	joined: ReadonlySignal<boolean>;
	say(says: PageSays): boolean;
	/** The page is looked at again. */
	back(): void;
	online(): void;
}

export interface Around {
	/** The other person is typing. */
	readonly otherTyping: ReadonlySignal<boolean>;
	/** This page is in the background, where a phone gives neither camera nor timers. */
	readonly hidden: ReadonlySignal<boolean>;
	/** One of the two pages is attached (again): the other must hear how this one is. */
	attached(): void;
	typing(): void;
	typingSeen(): void;
	typingOver(): void;
	close(): void;
}

export function createAround({ seat, world, joined, say, back, online }: AroundOptions): Around {
	const otherTyping = signal(false);
	const hidden = signal(away());
	let typing_off: ReturnType<typeof setTimeout> | undefined;
	let typed_at = Number.NEGATIVE_INFINITY;

	function away(): boolean {
		// A desk's browser goes on in the background; a phone's takes camera and sound away.
		return world.hidden() && (seat === "customer" || world.handheld());
	}

	/** Only whoever holds the seat is asked how they are. */
	function tellPresence(paused: boolean): void {
		if (joined.peek()) say({ topic: "signaling", type: "presence", paused });
	}

	const unlisten = world.listen({
		visible() {
			hidden.value = away();
			tellPresence(hidden.peek());
			if (!world.hidden()) back();
		},
		online,
		leaves: () => say({ topic: "session", type: "leave" }),
	});

	return {
		otherTyping,
		hidden,
		attached() {
			if (away()) tellPresence(true);
		},
		typing() {
			if (!joined.peek() || world.clock() - typed_at < TYPING_EVERY_MS) return;
			typed_at = world.clock();
			say({ topic: "chat", type: "typing" });
		},
		typingSeen() {
			otherTyping.value = true;
			clearTimeout(typing_off);
			typing_off = setTimeout(() => {
				otherTyping.value = false;
			}, TYPING_MS);
		},
		typingOver() {
			otherTyping.value = false;
		},
		close() {
			unlisten();
			clearTimeout(typing_off);
		},
	};
}

const TYPING_MS = 5_000;
const TYPING_EVERY_MS = 2_000;
