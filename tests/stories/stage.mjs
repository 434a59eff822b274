// Where a story is told: it puts up the world and the people, keeps pictures and words of a story
// that fails, and clears away exactly what it put up.

import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Agent, Customer } from "./people.mjs";
import { PICTURES } from "./pictures.mjs";
import { CloudWorld } from "./cloud.mjs";
import { DeskWorld } from "./world.mjs";

const STORY_MS = 180_000;
const CLEAR_MS = 60_000;

/**
 * A story is a test with a stage.
 * @param {string} name a sentence
 * @param {(stage: Stage) => Promise<void>} tell
 * @param {number} within_ms
 */
export function story(name, tell, within_ms = STORY_MS) {
	test(name, { timeout: within_ms + CLEAR_MS }, async () => {
		const stage = new Stage();
		try {
			await inTime(tell(stage), within_ms);
			stage.checkPages();
		} catch (error) {
			await stage.record(name);
			throw error;
		} finally {
			await stage.clear();
		}
	});
}

/**
 * A story that hangs fails like any other: what it put up is recorded and cleared away.
 * @param {Promise<void>} told
 */
function inTime(told, within_ms) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`the story did not end within ${within_ms} ms`)), within_ms);
	});
	return Promise.race([told, late]).finally(() => clearTimeout(timer));
}

export class Stage {
	/** @type {import("./world.mjs").World[]} */
	#worlds = [];
	/** @type {import("./people.mjs").Person[]} */
	#people = [];

	/** @param {string[]} flags of `sightline serve` */
	async world(...flags) {
		const world = process.env.SIGHTLINE_WORLD === "cloud" ? new CloudWorld(flags) : new DeskWorld(flags);
		this.#worlds.push(world);
		await world.start();
		return world;
	}

	/**
	 * An agent who has signed in.
	 * @param {import("./world.mjs").World} world
	 * @param {import("./people.mjs").Outfit} outfit
	 */
	async agent(world, outfit = {}) {
		const agent = await Agent.open(world, outfit);
		this.#people.push(agent);
		await agent.signsIn();
		return agent;
	}

	/**
	 * Somebody with a telephone.
	 * @param {import("./world.mjs").World} world
	 * @param {import("./people.mjs").Outfit} outfit
	 */
	async customer(world, outfit = {}) {
		const customer = await Customer.open(world, outfit);
		this.#people.push(customer);
		return customer;
	}

	/**
	 * Agent and customer in a call that runs.
	 * @param {import("./world.mjs").World} world
	 * @param {import("./people.mjs").Outfit} outfit the customer's
	 * @param {import("./people.mjs").Outfit} desk the agent's
	 */
	async call(world, outfit = {}, desk = {}) {
		const [agent, customer] = await Promise.all([this.agent(world, desk), this.customer(world, outfit)]);
		await agent.invites();
		await customer.opens((await world.last_sms()).link);
		await customer.joins();
		await Promise.all([agent.isInCall(), customer.isInCall()]);
		return { agent, customer };
	}

	/** No page threw, and none tried what its policy forbids. */
	checkPages() {
		const faults = this.#people.flatMap((person) => person.faults.map((fault) => `${person.who}: ${fault}`));
		if (faults.length > 0) throw new Error(`faults in the pages:\n${faults.join("\n")}`);
	}

	/** @param {string} name */
	async record(name) {
		mkdirSync(PICTURES, { recursive: true });
		const file = `failed-${name.replace(/[^a-z0-9]+/gi, "-")}`;
		for (const [at, person] of this.#people.entries()) {
			await person.page
				.screenshot({ path: `${PICTURES}${file}-${at}-${person.who}.png`, scale: "css", timeout: 5_000 })
				.catch(() => {});
		}
		const words = [
			...this.#people.map((person) => `## ${person.who}\n${person.words.join("\n")}`),
			...this.#worlds.map((world) => `## world\n${"log" in world ? world.log : ""}`),
		];
		writeFileSync(`${PICTURES}${file}.txt`, words.join("\n\n"));
		console.log(`pictures and words of this failure: tests/pictures/${file}*`);
	}

	async clear() {
		await Promise.allSettled(this.#people.map((person) => person.close()));
		await Promise.all(this.#worlds.map((world) => world.stop()));
	}
}
