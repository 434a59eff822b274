// Waiting for a state of the world. Stories never sleep: they name a condition and a time limit.

import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

const EVERY_MS = 50;
/** What takes a moment on a quick machine takes seconds on a slow one. */
const WITHIN_MS = 20_000;

/**
 * Asks repeatedly until the answer is truthy, and returns it. Errors until then count as "not yet".
 * @template T
 * @param {string} what the condition, for the error message
 * @param {() => T | Promise<T>} ask
 * @param {number} within_ms
 * @param {number} every_ms the pause between two questions
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, within_ms = WITHIN_MS, every_ms = EVERY_MS) {
	const deadline = Date.now() + within_ms;
	let last;
	// After a stall of the machine what came in it is not read yet: the last look is after a pause.
	let late = false;
	for (;;) {
		try {
			last = await ask();
			if (last) return last;
		} catch (error) {
			last = error;
		}
		if (late) {
			throw new Error(`not within ${within_ms} ms: ${what}; last seen: ${shown(last)}`);
		}
		late = Date.now() >= deadline;
		await pause(every_ms);
	}
}

/**
 * Asks repeatedly until the answer is this one.
 * @param {string} what
 * @param {() => unknown} ask
 * @param {unknown} wanted
 * @param {number} within_ms
 */
export async function becomes(what, ask, wanted, within_ms = WITHIN_MS) {
	await until(
		`${what} is ${shown(wanted)}`,
		async () => {
			const seen = await ask();
			if (!isDeepStrictEqual(seen, wanted)) throw new Error(`it is ${shown(seen)}`);
			return true;
		},
		within_ms,
	);
}

/**
 * Asserts that the answer stays truthy for a while.
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
