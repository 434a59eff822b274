// The disk is full.

import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../stories/until.mjs";
import { largePicture } from "../people.mjs";
import { within } from "./within.mjs";

/** A small disk: the database of a short call and some pictures. */
const means = { disk_mb: 8 };

/** @type {import("../kinds.mjs").Kind[]} */
export const FULL_DISKS = [
	{
		name: "disk full within an upload",
		means,
		async play({ desk, people, chance }) {
			const uploads = (between) => people.takes({ bytes: largePicture(), between });
			return await within(chance, uploads, () => full(desk, chance));
		},
	},
	{
		name: "disk full within a send",
		means,
		async play({ desk, people, chance }) {
			const picture = await people.takes();
			const sends = (between) => people.sends(picture, { bytes: largePicture(), between });
			return await within(chance, sends, () => full(desk, chance));
		},
	},
	{
		name: "disk full in a commit",
		means,
		async play({ desk, people, chance }) {
			await pause(chance.between(0, 300));
			const tries = () => people.pages.reduce((sum, page) => sum + page.tries.length, 0);
			const before = tries();
			let free = desk.fillDisk();
			const isRefused = () => {
				// A deleted picture gives space back.
				free = desk.fillDisk();
				return tries() > before;
			};
			await until("a command is refused", isRefused, 10_000);
			await pause(chance.between(0, 400));
			free();
			return performance.now();
		},
	},
	{
		name: "start on a full disk",
		means,
		async play({ desk, people, chance }) {
			await desk.kill();
			const free = desk.fillDisk();
			await desk.start();
			await until("both pages attach", () => people.pages.every((page) => page.here));
			await pause(chance.between(0, 400));
			free();
			return performance.now();
		},
	},
];

async function full(desk, chance) {
	const free = desk.fillDisk();
	await pause(chance.between(100, 700));
	free();
	return performance.now();
}
