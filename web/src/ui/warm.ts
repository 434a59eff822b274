// What a browser takes long for the first time.

import { nextTask } from "../link/turn";

/**
 * Calls each in a task of its own, so that the screen that needs one does not wait for all of
 * them. `Intl` reads its rules the first time.
 */
export async function warm(...uses: (() => unknown)[]): Promise<void> {
	for (const use of uses) {
		await nextTask();
		use();
	}
}
