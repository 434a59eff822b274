// Calls between two real browsers, one of them behind a bad network, and a table of what the other
// one sees and hears, with what is aimed at:
//
//     node tests/network/run.mjs
//
// CELLS is a part of the names of the cells that are measured (all), or names with commas between,
// RUNS how often each is (1), SEED repeats a run's chances, SECONDS is how long a steady network is
// watched (30), TRACE=1000 prints what the pages did in each so many milliseconds. PROXY=1 needs no
// right to make networks: media goes through a proxy on loopback, and a cell that falls far below
// its aims fails. Otherwise it fails where no network can be made, or when a call does not come
// about; an aim that is missed is only printed.

import { setTimeout as pause } from "node:timers/promises";
import { Agent, Customer, PHONE } from "../stories/people.mjs";
import { until } from "../stories/until.mjs";
import { DeskWorld } from "../stories/world.mjs";
import { CELLS } from "./cells.mjs";
import { backAfter, figures, median, rateBackAfter } from "./figures.mjs";
import { makeMedia } from "./clip.mjs";
import { Shaped, canShape } from "./place.mjs";
import { Proxied } from "./proxied.mjs";
import { farBelow, report } from "./report.mjs";
import { printTrace } from "./trace.mjs";
import { now, seen, trace, watch } from "./watch.mjs";

const RUNS = Number(process.env.RUNS || 1);
const SEED = Number(process.env.SEED || Date.now() % 1_000_000);
const WARM_MS = 5_000;
const STEADY_MS = 1000 * Number(process.env.SECONDS || 30);
const PROXY = process.env.PROXY === "1";
/** Of good network before a fault. */
const GOOD_MS = 11_000;
/** Watched after a fault. */
const AFTER_MS = 15_000;
const JOIN_MS = 60_000;
const SCREEN = { width: 960, height: 600 };

/** A call with one person on a bad network. */
class Call {
	/** @param {import("./cells.mjs").Cell} cell @param {number} seed @param {string} folder */
	static async begin(cell, seed, folder) {
		const call = new Call();
		call.cell = cell;
		call.place = await (PROXY ? Proxied : Shaped).open(seed);
		call.world = new DeskWorld(["--media", `${call.place.addresses.here}:0`]);
		await call.world.start();
		await call.place.forwards(Number(new URL(call.world.base).port), call.world.media[0]);
		const flags = [
			"--use-fake-ui-for-media-stream",
			"--use-fake-device-for-media-stream",
			`--use-file-for-fake-video-capture=${folder}/clip.y4m`,
			`--use-file-for-fake-audio-capture=${folder}/voice.wav`,
		];
		const outfit = (who) => ({
			camera: "denied",
			flags,
			script: `(${watch})();${process.env.TRACE ? `(${trace})(${Number(process.env.TRACE)});` : ""}${cell.place === who ? (call.place.script ?? "") : ""}`,
			dpr: 1,
			screen: who === "agent" ? SCREEN : PHONE,
			...(cell.place === who && !PROXY ? { from: { elsewhere: call.place, env: {} } } : {}),
		});
		call.agent = await Agent.open(call.world, outfit("agent"));
		call.customer = await Customer.open(call.world, outfit("customer"));
		return call;
	}

	/** Joins. Returns how long the lobby and the first frame took. */
	async joins() {
		const { agent, customer, world } = this;
		await agent.signsIn();
		await agent.invites();
		const { link } = await world.last_sms();
		if (this.cell.kind !== "fault" || this.cell.weather) await this.place.weather(this.cell.weather ?? {});
		const opened_at = Date.now();
		await customer.page.goto(link, { timeout: JOIN_MS });
		await customer.field("Your name").waitFor({ timeout: JOIN_MS });
		const lobby_ms = Date.now() - opened_at;
		await this.#prepares();
		await customer.button("Join").tap({ timeout: JOIN_MS });
		const first = () => agent.page.evaluate(() => performance.timeOrigin + (window.__seen.frames[0]?.at ?? Number.NaN));
		await until("the agent sees a frame", first, JOIN_MS);
		const tapped = await customer.page.evaluate(() => performance.timeOrigin + window.__seen.tapped_at);
		return { lobby_ms, join_ms: (await first()) - tapped };
	}

	/** What a person does in the lobby before the tap on Join. */
	async #prepares() {
		const { customer, cell } = this;
		if (cell.warm) {
			await customer.field("Your name").tap({ timeout: JOIN_MS });
			await pause(WARM_MS);
		}
		await customer.field("Your name").fill("Ada", { timeout: JOIN_MS });
		if (cell.kind === "join") return;
		await customer.button("Show my camera").tap({ timeout: JOIN_MS });
		await customer.page.getByLabel("Your picture", { exact: true }).waitFor({ timeout: JOIN_MS });
	}

	async end() {
		await Promise.allSettled([this.agent?.close(), this.customer?.close()]);
		await this.world?.stop();
		this.place?.end();
	}
}

/** The ways to measure, by kind of cell. Each returns figures by name. */
const MEASURE = {
	async steady(call) {
		await pause(WARM_MS);
		const from = await now(call.agent);
		await call.place.weather(call.cell.weather ?? {});
		await pause(STEADY_MS);
		const way = call.cell.place === "customer" ? "up" : "down";
		const { waited_ms } = (await call.place.weather(call.cell.weather ?? {}))[way];
		return { ...figures(await seen(call.agent), from, await now(call.agent)), waited_ms };
	},

	async fault(call) {
		await pause(GOOD_MS);
		const from = await now(call.agent);
		await call.cell.begins(call.place);
		await pause(call.cell.lasts_ms);
		const over = await now(call.agent);
		await call.cell.ends?.(call.place);
		await pause(AFTER_MS);
		const to = await now(call.agent);
		const all = await seen(call.agent);
		const gap = figures(all, from, to);
		// A fault that nothing restores begins and is over at once: its gap counts.
		const back_ms = call.cell.ends ? backAfter(all.frames, over) : gap.longest_ms;
		return { ...gap, back_ms };
	},

	async step(call) {
		await pause(GOOD_MS + WARM_MS);
		const from = await now(call.agent);
		const before = figures(await seen(call.agent), from - WARM_MS, from);
		await call.cell.begins(call.place);
		await pause(call.cell.lasts_ms);
		const over = await now(call.agent);
		await call.cell.ends(call.place);
		await pause(3 * AFTER_MS);
		const all = await seen(call.agent);
		return {
			...figures(all, from, over),
			fall_longest_ms: figures(all, from, from + 10_000).longest_ms,
			rate_back_ms: rateBackAfter(all.samples, over, 0.9 * before.kbit),
		};
	},

	async join() {
		return {};
	},
};

/** @param {import("./cells.mjs").Cell} cell */
async function measure(cell, seed, folder) {
	let call;
	try {
		call = await Call.begin(cell, seed, folder);
		const joined = await call.joins();
		const measured = await MEASURE[cell.kind](call);
		if (process.env.TRACE) await printTrace(call);
		return { ...joined, ...measured };
	} finally {
		await call?.end();
	}
}

/** The middle of each figure; words as they were in the first run. */
function middle(runs) {
	const [first] = runs;
	const of = (name) => (typeof first[name] === "number" ? median(runs.map((run) => run[name])) : first[name]);
	return Object.fromEntries(Object.keys(first).map((name) => [name, of(name)]));
}

/** Round trips of a join beyond the same run's clean one. */
function withTrips(name, result, clean) {
	const trip_ms = Number(name.match(/^join-(?:warm-)?(\d+)$/)?.[1]);
	if (!trip_ms || clean === undefined) return result;
	const trips = (what) => (result[what] - clean[what]) / trip_ms;
	return { ...result, join_trips: trips("join_ms"), lobby_trips: trips("lobby_ms") };
}

const { can, why } = PROXY ? { can: true } : canShape();
if (!can) {
	console.error(`no network namespace or TUN device can be made here, so nothing is measured: ${why}`);
	process.exit(1);
}
const names = (process.env.CELLS ?? "").split(",");
const wanted = CELLS.filter(({ name }) => (names.length > 1 ? names.includes(name) : name.includes(names[0])));
if (wanted.length === 0) {
	console.error(`no such cell: ${process.env.CELLS}. There are ${CELLS.map(({ name }) => name).join(", ")}`);
	process.exit(1);
}
console.log(`SEED=${SEED} RUNS=${RUNS}`);
const media = makeMedia();
const results = [];
for (const cell of wanted) {
	const runs = [];
	for (let run = 0; run < RUNS; run += 1) runs.push(await measure(cell, SEED + run, media));
	const clean = results.find(({ cell: { name } }) => name === cell.name.replace(/\d+$/, "clean"))?.result;
	const result = withTrips(cell.name, middle(runs), clean);
	results.push({ cell, result });
	console.log(`${cell.name}: ${JSON.stringify(result)}`);
}
console.log(`\n${report(results)}`);
if (PROXY) {
	const low = [];
	for (const { cell, result } of results) {
		if (farBelow({ cell, result }).length === 0) continue;
		// A stall of the machine is not there twice.
		const again = await measure(cell, SEED, media);
		console.log(`${cell.name} again: ${JSON.stringify(again)}`);
		low.push(...farBelow({ cell, result: again }));
	}
	if (low.length > 0) {
		console.error(`far from what is aimed at: ${low.join("; ")}`);
		process.exit(1);
	}
}
