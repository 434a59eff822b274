// Whether single keys do something. The browser remembers it.

import { type Signal, signal } from "@preact/signals";
import { browser } from "../../ui/remember";

const SINGLE = "single-keys";

export const single: Signal<boolean> = signal(browser.recall(SINGLE) !== "off");
/** The list of keys is open. */
export const listed: Signal<boolean> = signal(false);

export function wishSingle(on: boolean): void {
	single.value = on;
	browser.remember(SINGLE, on ? "on" : "off");
}
