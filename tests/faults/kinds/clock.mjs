// The wall clock steps, and the machine is suspended.

import { setTimeout as pause } from "node:timers/promises";

const means = { clock: true };
const STEPS = ["+20m", "-20m", "+1h", "-1h", "+1d", "-1d"];
const WRONG_CLOCKS = [...STEPS, "+40d", "+1y", "-1y"];

/** @type {import("../kinds.mjs").Kind[]} */
export const CLOCKS = [
	{
		name: "clock steps",
		means,
		async play({ desk, house, chance }) {
			const { link } = await house.invites();
			const before = await house.looks(link);
			desk.clock.set(chance.of(STEPS));
			const over = performance.now();
			await pause(chance.between(100, 600));
			const after = await house.looks(link);
			if (before.state !== after.state) throw new Error(`a waiting invite is ${after.state}`);
			if (chance.next() < 0.5) desk.clock.set("+0");
			return over;
		},
	},
	{
		name: "clock wrong at the start",
		means,
		async play({ desk, chance }) {
			await desk.kill();
			desk.clock.set(chance.of(WRONG_CLOCKS));
			await desk.start();
			await pause(chance.between(100, 600));
			desk.clock.set("+0");
			return performance.now();
		},
	},
	{
		name: "suspended for 20 minutes",
		means,
		async play({ desk, everybody, chance }) {
			for (const page of everybody) page.freeze();
			desk.freeze();
			desk.clock.set("+20m");
			await pause(chance.between(100, 600));
			desk.thaw();
			for (const page of everybody) page.thaw();
			return performance.now();
		},
	},
];
