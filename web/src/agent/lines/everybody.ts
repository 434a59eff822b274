// The lines that the deployment has ready for all agents. They load when the list of the chat
// opens; what was loaded is shown at once the next time.

import { signal } from "@preact/signals";
import type { ApiFailure } from "../../ui/refusals";
import { readyLines } from "./lines-api";

/** Null until they were loaded once. */
export const everybodysLines = signal<readonly string[] | null>(null);
/** Why the newest request failed. */
export const linesFailure = signal<ApiFailure | null>(null);
let loading = false;

export async function loadLines(): Promise<void> {
	if (loading) return;
	loading = true;
	const answer = await readyLines();
	loading = false;
	if (answer.ok) everybodysLines.value = answer.value.lines;
	linesFailure.value = answer.ok ? null : answer.error;
}
