// The data folder is not where it was.

import { renameSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../stories/until.mjs";

/** @type {import("../kinds.mjs").Kind[]} */
export const FOLDERS = [
	{
		name: "folder renamed, and back",
		async play(run) {
			const { desk, chance } = run;
			const aside = join(desk.disk, "aside");
			renameSync(desk.folder, aside);
			await takesNothing(run, chance);
			renameSync(aside, desk.folder);
			return performance.now();
		},
	},
	{
		name: "folder replaced by a copy, and back",
		async play(run) {
			const { desk, chance } = run;
			const [aside, copy] = [join(desk.disk, "aside"), join(desk.disk, "copy")];
			// Otherwise an upload could end while it is copied.
			desk.freeze();
			await cp(desk.folder, copy, { recursive: true });
			renameSync(desk.folder, aside);
			renameSync(copy, desk.folder);
			desk.thaw();
			await takesNothing(run, chance);
			rmSync(desk.folder, { recursive: true });
			renameSync(aside, desk.folder);
			return performance.now();
		},
	},
	{
		name: "folder removed, then its backup",
		async play(run) {
			const { desk, chance } = run;
			const backup = join(desk.disk, "backup");
			// What is acknowledged after the backup was made would be lost with the folder.
			await run.quiet();
			desk.freeze();
			await cp(desk.folder, backup, { recursive: true });
			rmSync(desk.folder, { recursive: true });
			desk.thaw();
			run.loud();
			await takesNothing(run, chance);
			await desk.terminate();
			rmSync(desk.folder, { recursive: true, force: true });
			renameSync(backup, desk.folder);
			const over = performance.now();
			await desk.start();
			return over;
		},
	},
];

/** The desk says that no new call would work, and acknowledges nothing for a while. */
async function takesNothing({ desk, people }, chance) {
	await until("/healthz is 503", async () => (await desk.health()).status === 503, 5_000);
	// Answers that were on their way arrive.
	await pause(200);
	const before = people.acked.length;
	await pause(chance.between(100, 700));
	const taken = people.acked.slice(before);
	for (const { seat } of people.pages) {
		// One command of a page may have been stored before, and only its answer is late.
		const heads = new Set(taken.filter((one) => one.seat === seat).map((one) => one.head));
		if (heads.size > 1) throw new Error("without its folder the desk acknowledged commands");
	}
}
