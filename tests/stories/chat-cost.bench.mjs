// What a long chat costs the agent's page: prints a table. `make bench-chat` runs it alone;
// LINES=28000 takes other lengths.

import assert from "node:assert/strict";
import { holdings, LongChat, reloads, scrolls, slowed, TALK, timesLines } from "./long-chat.mjs";
import { tasksOf } from "./processor.mjs";
import { story } from "./stage.mjs";

/** Frames in which somebody scrolls, and pixels in each. */
const FLING = { by: -400, frames: 150 };
const SLOWER = 4;

const [shortest, usual, longest] = [
	{ lines: 20, pictures: 0, talk: TALK.usual },
	{ lines: 2_000, pictures: 50, talk: TALK.usual },
	{ lines: Number(process.env.LINES ?? 28_000), pictures: 50, talk: TALK.usual },
];
const hostile = { lines: 6_000, pictures: 0, talk: TALK.longest };

story(
	"a long chat costs the agent's page no more than a short one",
	async (stage) => {
		const world = await stage.world();
		const { agent } = await stage.call(world);
		const chat = new LongChat();
		const rows = [];
		for (const talk of [shortest, usual, longest, hostile]) rows.push(await measured(agent, chat, talk));
		console.table(rows);
		const [short, ...long] = rows;
		for (const row of long) {
			const [line, least] = [row["Enter to line p50"], short["Enter to line p50"]];
			assert.ok(line <= Math.max(30, 2 * least), `${row.lines} lines: a line takes ${line} ms`);
			assert.ok(row.nodes < 1_500, `${row.lines} lines: the page holds ${row.nodes} nodes`);
			assert.equal(row.jumps, "", `${row.lines} lines: what is seen jumps while somebody scrolls`);
		}
	},
	600_000,
);

async function measured(agent, chat, { lines, pictures, talk }) {
	await chat.lengthen(agent, lines, { pictures, talk });
	const reload = await reloads(agent);
	const written = await timesLines(agent, 20);
	const jumps = [];
	let nodes = 0;
	const fling = async () => {
		const seen = await scrolls(agent, FLING);
		jumps.push(...seen.jumps);
		nodes = Math.max(nodes, seen.nodes);
	};
	const tasks = await tasksOf(agent, fling);
	const { listeners } = await holdings(agent);
	let slow_reload = 0;
	const [reload_tasks, slow_tasks] = await slowed(agent, SLOWER, async () => [
		await tasksOf(agent, async () => (slow_reload = await reloads(agent))),
		await tasksOf(agent, fling),
	]);
	return {
		lines: lines,
		letters: talk === TALK.longest ? 2_000 : "usual",
		"Enter to line p50": Math.round(written.line * 10) / 10,
		max: Math.round(written.line_max),
		"to its frame p50": Math.round(written.frame),
		nodes: nodes,
		listeners: listeners,
		jumps: jumps.join(" "),
		reload: reload,
		"scrolling, longest tasks": longestOf(tasks),
		[`reload ${SLOWER} x slower`]: slow_reload,
		"its tasks": longestOf(reload_tasks),
		[`scrolling ${SLOWER} x slower`]: longestOf(slow_tasks),
	};
}

/** @param {number[]} tasks longest first */
const longestOf = (tasks) => tasks.slice(0, 3).map(Math.round).join(" ");
