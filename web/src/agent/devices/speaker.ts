// The speaker that the agent hears the customer from.

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { devices, player } from "../console";

/** Safari on a phone, and older Firefox, have no such choice. */
export const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;

const inUse = signal<string | null>(null);
export const speaker: ReadonlySignal<string | null> = inUse;

/** Null: the browser's own choice. */
export async function hearOn(id: string | null): Promise<boolean> {
	try {
		await player.element.setSinkId(id ?? "");
		inUse.value = id;
		return true;
	} catch {
		return false;
	}
}

// A headset that leaves takes its speaker with it.
effect(() => {
	const id = inUse.value;
	const there = devices.found.value.some((one) => one.kind === "audiooutput" && one.deviceId === id);
	if (id !== null && !there) void hearOn(null);
});
