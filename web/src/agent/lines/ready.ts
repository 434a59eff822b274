// The agent's own lines for the chat. This browser keeps them for each agent's name; the server
// does not know them.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { browser } from "../../ui/remember";
import { me } from "../console";
import { linesOf, WRITTEN_MAX } from "./lines";

/** Counts changes made on this page. */
const changes = signal(0);

/** What the agent wrote, one line after the other. */
export const written: ReadonlySignal<string> = computed(() => {
	void changes.value;
	return browser.recall(keyOf(me.value?.name)) ?? "";
});

export const ownLines: ReadonlySignal<readonly string[]> = computed(() => linesOf(written.value));

export function writeLines(text: string): void {
	const key = keyOf(me.peek()?.name);
	if (linesOf(text).length === 0) browser.forget(key);
	else browser.remember(key, text.slice(0, WRITTEN_MAX));
	changes.value += 1;
}

const keyOf = (name: string | undefined): string => `ready-lines.${name ?? ""}`;
