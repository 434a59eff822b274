// How long a page keeps its person waiting for an answer: the longest task of a whole call, on
// processors slowed four times, by the clock and in processor time. Nothing jumps there either,
// where answers come long after a press.

import assert from "node:assert/strict";
import { measure, measured, wholeCall } from "./calm.mjs";
import { tasksOf } from "./processor.mjs";
import { story } from "./stage.mjs";

const SLOWED = 4;
/** Of processor time. */
const STALL_MS = 500;
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
	let agents = [];
	const customers = await tasksOf(customer, async () => {
		agents = await tasksOf(agent, () => wholeCall(world, agent, customer));
	});
	for (const [person, busy] of [
		[agent, agents],
		[customer, customers],
	]) {
		const { shifts, tasks, scripts } = await measured(person);
		console.log(`${person.who}, on a processor slowed ${SLOWED} times; by the clock: ${summed(tasks)}`);
		console.log(`  processor time: ${summed(busy)}`);
		console.log("  longest calls of own scripts:");
		for (const { ms, of } of scripts.sort((a, b) => b.ms - a.ms).slice(0, NAMED))
			console.log(`    ${Math.round(ms)} ms ${of}`);
		assert.deepEqual(shifts, [], `${person.who}: moved without a press`);
		assert.ok(busy[0] < STALL_MS, `${person.who}: a task took ${busy[0]} ms of processor time`);
	}
});

/** @param {number[]} all milliseconds of each task */
function summed(all) {
	const long = all.filter((ms) => ms > LONG_MS);
	const beyond_ms = long.reduce((sum, ms) => sum + ms - LONG_MS, 0);
	const longest_ms = Math.max(0, ...all);
	return [
		`longest task ${Math.round(longest_ms)} ms`,
		`${long.length} beyond ${LONG_MS} ms, by ${Math.round(beyond_ms)} ms in all`,
	].join("; ");
}
