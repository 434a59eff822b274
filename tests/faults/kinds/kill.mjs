// The process dies.

import { setTimeout as pause } from "node:timers/promises";
import { largePicture } from "../people.mjs";
import { within } from "./within.mjs";

/** @type {import("../kinds.mjs").Kind[]} */
export const KILLS = [
	{
		name: "kill -9",
		async play({ desk, chance }) {
			await pause(chance.between(0, 600));
			return await killed(desk);
		},
	},
	{
		name: "kill -9 within an upload",
		async play({ desk, people, chance }) {
			const uploads = (between) => people.takes({ bytes: largePicture(), between });
			return await within(chance, uploads, () => killed(desk));
		},
	},
];

async function killed(desk) {
	await desk.kill();
	const over = performance.now();
	await desk.start();
	return over;
}
