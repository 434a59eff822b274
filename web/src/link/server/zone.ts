// Tells the server the customer's time zone, which is stamped on pictures: soon after it changes,
// so that a picture taken then has it.

import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Body } from "../../session/outbox";
import type { View } from "../../session/view";
import type { Seat, UtcOffset } from "../../wire/generated";
import type { World } from "../world";

export interface ZoneOptions {
	seat: Seat;
	world: Pick<World, "utcOffset">;
	view: ReadonlySignal<View>;
	ready: ReadonlySignal<boolean>;
	joined: ReadonlySignal<boolean>;
	ending: ReadonlySignal<boolean>;
	command(body: Body): void;
}

/** Tells it again whenever it differs from the log, until the returned function is called. */
export function tellZone({ seat, world, view, ready, joined, ending, command }: ZoneOptions): () => void {
	let told: UtcOffset | null = null;
	const looks = signal(0);
	const look = setInterval(() => {
		looks.value += 1;
	}, LOOK_MS);
	const unwatch = effect(() => {
		void looks.value;
		if (seat !== "customer" || !joined.value || !ready.value || ending.value) return;
		const own = world.utcOffset();
		if (own === null || view.value.utc_offset_min === own || told === own) return;
		told = own;
		untracked(() => command({ topic: "session", type: "zone", utc_offset_min: own }));
	});
	return () => {
		clearInterval(look);
		unwatch();
	};
}

const LOOK_MS = 5_000;
