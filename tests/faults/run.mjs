// Plays faults against the real binary, with light pages in a call, and prints a table:
//
//     node tests/faults/run.mjs [part of a fault's name]
//
// RUNS is how often each fault is played (3), SEED repeats a run's chances, AT_ONCE is how many
// runs go on at a time (4). It fails when something acknowledged is lost, doubled or out of order,
// when an invariant of the log is broken, or when a call is not held.

import { setTimeout as pause } from "node:timers/promises";
import { until } from "../stories/until.mjs";
import { Chance } from "./chance.mjs";
import { brokenIn, compare } from "./checks.mjs";
import { Desk, lacks } from "./desk.mjs";
import { House } from "./house.mjs";
import { KINDS } from "./kinds.mjs";
import { People } from "./people.mjs";
import { prove } from "./proof.mjs";
import { table } from "./table.mjs";

const RUNS = Number(process.env.RUNS || 3);
const SEED = Number(process.env.SEED || Date.now() % 1_000_000);
const AT_ONCE = Number(process.env.AT_ONCE || 4);
/** "Call held": both pages back within this time, without a tap. */
const BACK_MS = 15_000;
/** Longest time of a run. */
const RUN_MS = 60_000;

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {boolean} held
 * @property {number} acked
 * @property {string[]} lost
 * @property {string[]} doubled
 * @property {string[]} disordered
 * @property {string[]} broken
 * @property {number | null} back_ms
 */

/** One run of one fault: a desk, the call that is looked at, and another call beside it. */
export class Run {
	/** @param {import("./kinds.mjs").Kind} kind @param {number} seed */
	constructor(kind, seed) {
		this.kind = kind;
		this.chance = new Chance(seed);
		this.desk = new Desk(kind.means ?? {});
	}

	/** @returns {Promise<Outcome>} */
	async tell() {
		try {
			await this.#begin();
			const over = await this.kind.play(this);
			const back_ms = await this.#back(over);
			await this.quiet();
			return await this.#outcome(back_ms);
		} finally {
			for (const page of this.everybody ?? []) page.close();
			await this.desk.close();
		}
	}

	async #begin() {
		await this.desk.start();
		this.house = await House.open(this.desk);
		this.people = new People(await this.house.call(), this.chance);
		this.others = new People(await this.house.call(), this.chance);
		this.everybody = [...this.people.pages, ...this.others.pages];
		await this.people.takes();
		this.loud();
		await pause(this.chance.between(100, 500));
	}

	/** Everybody begins to talk. */
	loud() {
		this.people.begin();
		this.others.begin();
	}

	/** Everybody ends what they began. */
	async quiet() {
		await inTime(Promise.all([this.people.end(), this.others.end()]), BACK_MS, "commands are answered");
	}

	/** Both pages are attached. */
	async attached() {
		await until("both pages attach", () => this.people.pages.every((page) => page.here), BACK_MS, 10);
	}

	/** The time until a line of each page, said after the fault, is on both pages. */
	async #back(over) {
		const { pages } = this.people;
		const said = Promise.all(pages.map((page) => this.people.says(page)));
		const lines = await inTime(said, BACK_MS, "both pages may speak again");
		const has = (page, line) => page.log.some((event) => event.text === line);
		await until("both read the other", () => pages.every((page) => lines.every((line) => has(page, line))), 5_000, 5);
		return performance.now() - over;
	}

	/** @returns {Promise<Outcome>} */
	async #outcome(back_ms) {
		const outcome = { name: this.kind.name, held: true, acked: 0, lost: [], doubled: [], disordered: [], broken: [] };
		for (const people of [this.people, this.others]) {
			const log = await this.house.log(people.session);
			const again = people.again();
			const copies = [...people.pages, again];
			await until("all pages have the log", () => copies.every((page) => page.head >= log.length), 5_000, 10);
			again.close();
			const found = compare(people.acked, log);
			for (const kind of ["lost", "doubled", "disordered"]) outcome[kind].push(...found[kind]);
			outcome.acked += people.acked.length;
			outcome.broken.push(
				...brokenIn(
					people.session,
					log,
					copies.map((page) => ({ who: page.seat, log: page.log })),
				),
			);
			outcome.broken.push(...copies.flatMap((page) => page.wrongs), ...(await this.#brokenPictures(people)));
			outcome.broken.push(...people.refused);
			if (people.refused.length > 0) outcome.held = false;
		}
		if (/\+49151/.test(this.desk.log)) outcome.broken.push("a phone number in the log");
		return { ...outcome, back_ms };
	}

	async #brokenPictures(people) {
		const broken = [];
		for (const picture of people.kept) {
			const status = await people.fetches(picture);
			if (status !== 200) broken.push(`picture ${picture} is answered with ${status}`);
		}
		for (const picture of people.deleted)
			if (this.desk.filesOf(people.session, picture).length > 0) broken.push(`picture ${picture} is still there`);
		return broken;
	}
}

async function inTime(promise, within_ms, what) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`not within ${within_ms} ms: ${what}`)), within_ms);
	});
	return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** @param {import("./kinds.mjs").Kind} kind @returns {Promise<Outcome>} */
async function played(kind, seed) {
	const run = new Run(kind, seed);
	try {
		return await inTime(run.tell(), RUN_MS, "the run ends");
	} catch (error) {
		const broken = [error.message];
		return { name: kind.name, held: false, acked: 0, lost: [], doubled: [], disordered: [], broken, back_ms: null };
	}
}

prove();
const wanted = KINDS.filter((kind) => kind.name.includes(process.argv[2] ?? ""));
const missing = new Map();
for (const kind of wanted) missing.set(kind, await lacks(kind.means ?? {}));
const playable = wanted.filter((kind) => missing.get(kind) === "");
console.log(`SEED=${SEED} RUNS=${RUNS}`);
for (const [kind, why] of missing) if (why !== "") console.log(`not shown here: ${kind.name}: ${why}`);

const waiting = Array.from({ length: RUNS }, (_, at) => playable.map((kind) => ({ kind, at }))).flat();
/** @type {Outcome[]} */
const outcomes = [];
const began = performance.now();
const lane = async () => {
	for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
		outcomes.push(await played(next.kind, SEED + next.at * 1_000 + KINDS.indexOf(next.kind)));
};
await Promise.all(Array.from({ length: AT_ONCE }, lane));
console.log(
	table(
		playable.map((kind) => kind.name),
		outcomes,
	),
);
console.log(`${outcomes.length} runs in ${Math.round((performance.now() - began) / 1_000)} s`);
const bad = outcomes.filter(
	(one) => !one.held || [one.lost, one.doubled, one.disordered, one.broken].some((list) => list.length > 0),
);
for (const one of bad)
	console.log(
		`${one.name}: ${[...one.lost.map((name) => `lost: ${name}`), ...one.doubled.map((name) => `doubled: ${name}`), ...one.disordered, ...one.broken].slice(0, 5).join("; ") || "not held"}`,
	);
process.exit(bad.length === 0 && outcomes.length > 0 ? 0 : 1);
