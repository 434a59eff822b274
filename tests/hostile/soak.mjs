// Joins and leaves at random, for a long time, against the desk: memory and open files have to
// stay as they are.
//
//     node tests/hostile/soak.mjs
//
// MINUTES is how long (30), SEED repeats the chances. It prints a row each minute, and fails when
// the end is above the beginning by more than chance explains, or when a page cannot join.

import { readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Chance } from "../faults/chance.mjs";
import { Desk } from "../faults/desk.mjs";
import { House } from "../faults/house.mjs";
import { Neighbours } from "./programs.mjs";
import { residentMib } from "./desk.mjs";

const MINUTES = Number(process.env.MINUTES || 30);
const SEED = Number(process.env.SEED || Date.now() % 1_000_000);
/** Groups of calls that come and go by themselves. */
const GROUPS = 3;
const CALLS_MAX = 4;
const STAYS_MS = [3_000, 20_000];
/** Until a page that left without a word is given up. */
const CALM_MS = 60_000;
/** The first minutes fill caches and the allocator's arenas. */
const SETTLED = 1 / 3;
const MEMORY_MIB_MAX = 8;
const FILES_MAX = 16;

const chance = new Chance(SEED);
const desk = new Desk({ files_max: 1_024 });
await desk.start();
console.log(`SEED=${SEED} MINUTES=${MINUTES}`);
try {
	process.exitCode = (await soak()) ? 0 : 1;
} finally {
	await desk.close();
}

async function soak() {
	const house = await House.open(desk);
	/** The empty calls. A day has a limit of calls, so they are joined again and again. */
	const free = [];
	for (let n = 0; n < 2 * GROUPS * CALLS_MAX; n += 1) {
		const { session, link } = await house.invites();
		free.push({ session, agent: house.cookie, customer: await house.enters(link) });
	}
	const ends = Date.now() + MINUTES * 60_000;
	let joins = 0;
	const comesAndGoes = async () => {
		while (Date.now() < ends) {
			const count = chance.between(1, CALLS_MAX);
			const calls = free.splice(0, count);
			const neighbours = await Neighbours.begin({ base: desk.base, calls });
			joins += 2 * count;
			await pause(chance.between(...STAYS_MS));
			await neighbours.end();
			free.push(...calls);
		}
	};
	const groups = Array.from({ length: GROUPS }, () => comesAndGoes());
	const rows = [];
	const over = Promise.all(groups);
	console.log("| minute | joins | memory MiB | files |\n|--:|--:|--:|--:|");
	const look = () => {
		const row = { memory: residentMib(desk.pid), files: openFiles(desk.pid) };
		rows.push(row);
		console.log(`| ${rows.length} | ${joins} | ${row.memory.toFixed(1)} | ${row.files} |`);
	};
	while (Date.now() < ends) {
		await Promise.race([pause(60_000), over]);
		if (Date.now() < ends) look();
	}
	await over;
	await pause(CALM_MS);
	look();
	return judged(rows);
}

/** The last row is of an empty desk. */
function judged(rows) {
	const early = rows.slice(Math.floor(rows.length * SETTLED));
	const [first, last] = [early[0], early.at(-1)];
	const grown = { memory: last.memory - first.memory, files: last.files - first.files };
	console.log(
		`from minute ${rows.length - early.length + 1} to the end: ${grown.memory.toFixed(1)} MiB, ${grown.files} files`,
	);
	return rows.length > 1 && grown.memory <= MEMORY_MIB_MAX && grown.files <= FILES_MAX;
}

function openFiles(pid) {
	return readdirSync(`/proc/${pid}/fd`).length;
}
