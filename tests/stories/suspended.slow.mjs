// The machine with the desk and both browsers is suspended for 20 minutes in a call.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fakeClock, MovedClock } from "../faults/clock.mjs";
import { suspend } from "../faults/processes.mjs";
import { BARS } from "./cards.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";

/** How long every process stands still. The clock that stops in a suspend shows no more. */
const STILL_MS = 3_000;

story("a call goes on after a suspend of 20 minutes, and nobody taps anything", async (stage) => {
	assert.notEqual(fakeClock(), "", "libfaketime is missing: install Debian's package `faketime`");
	const folder = mkdtempSync(join(tmpdir(), "sightline-clock-"));
	const clock = new MovedClock(folder);
	const world = await stage.worldOf({ wrapped: clock.command });
	const { agent, customer } = await stage.call(world);
	await customer.says("before");
	await agent.reads("before");
	await Promise.all([agent.closesChat(), customer.closesChat()]);

	const wakeUp = suspend();
	clock.set("+20m");
	await pause(STILL_MS);
	wakeUp();
	const from = Date.now();
	await Promise.all([agent.isConnected(), customer.isConnected()]);
	await shows(agent.remote, BARS);
	console.log(`suspended: the picture is back after ${Date.now() - from} ms`);
	await agent.says("after");
	await customer.reads("after");
	await Promise.all([agent.reads("before"), customer.reads("before")]);
	rmSync(folder, { recursive: true });
});
