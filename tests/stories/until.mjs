// Waiting for a state of the world. No story sleeps: it says what it waits for, and how long is too
// long.

import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 50;

/**
 * Asks again and again until the answer is truthy, and returns it. Errors on the way count as "not
 * yet".
 * @template T
 * @param {string} what what is waited for; the message when it does not come
 * @param {() => T | Promise<T>} ask
 * @param {number} within_ms
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, within_ms = 10_000) {
	const deadline = Date.now() + within_ms;
	let last;
	for (;;) {
		try {
			last = await ask();
			if (last) return last;
		} catch (error) {
			last = error;
		}
		if (Date.now() >= deadline) {
			throw new Error(`not within ${within_ms} ms: ${what}; last seen: ${shown(last)}`);
		}
		await pause(EVERY_MS);
	}
}

/**
 * Holds for a while: the answer stays truthy at every look.
 * @param {string} what
 * @param {() => unknown} ask
 * @param {number} for_ms
 */
export async function stays(what, ask, for_ms) {
	const end = Date.now() + for_ms;
	while (Date.now() < end) {
		if (!(await ask())) throw new Error(`did not stay: ${what}`);
		await pause(EVERY_MS * 4);
	}
}

function shown(value) {
	if (value instanceof Error) return value.message.split("\n")[0];
	return JSON.stringify(value) ?? String(value);
}
