// The machine is suspended.

import { setTimeout as pause } from "node:timers/promises";

const means = { clock: true };

/** @type {import("../kinds.mjs").Kind[]} */
export const CLOCKS = [
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
