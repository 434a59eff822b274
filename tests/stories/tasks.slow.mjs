// How long a page keeps its person waiting for an answer: the longest task of a whole call, on
// processors slowed four times. Nothing jumps there either, where answers come long after a press.

import assert from "node:assert/strict";
import { measure, measured, wholeCall } from "./calm.mjs";
import { story } from "./stage.mjs";

const SLOWED = 4;
const STALL_MS = 1_000;
/** What the browser calls a long task. */
const LONG_MS = 50;
const NAMED = 8;

story("no task of a call stalls a page on a slow processor", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([
		stage.agent(world, { script: measure }),
		stage.customer(world, { script: measure, camera: "landmarks" }),
	]);
	for (const { context, page } of [agent, customer]) {
		const debuggers = await context.newCDPSession(page);
		await debuggers.send("Emulation.setCPUThrottlingRate", { rate: SLOWED });
	}
	await wholeCall(world, agent, customer);
	for (const person of [agent, customer]) {
		const { longest_ms, shifts, tasks, scripts } = await measured(person);
		const beyond_ms = tasks.reduce((sum, ms) => sum + ms - LONG_MS, 0);
		console.log(
			`${person.who}: longest task ${Math.round(longest_ms)} ms on a processor slowed ${SLOWED} times;`,
			`${tasks.length} beyond ${LONG_MS} ms, by ${Math.round(beyond_ms)} ms in all; longest calls of own scripts:`,
		);
		for (const { ms, of } of scripts.sort((a, b) => b.ms - a.ms).slice(0, NAMED))
			console.log(`  ${Math.round(ms)} ms ${of}`);
		assert.deepEqual(shifts, [], `${person.who}: moved without a press`);
		assert.ok(longest_ms < STALL_MS, `${person.who}: a task took ${longest_ms} ms`);
	}
});
