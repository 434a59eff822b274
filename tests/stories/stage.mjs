// The stage of a story: starts the world and the people, records screens and logs if the story
// fails, and cleans up exactly what it started.

import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Agent, Customer } from "./people.mjs";
import { PICTURES } from "./pictures.mjs";
import { CloudWorld } from "./cloud.mjs";
import { DeskWorld } from "./world.mjs";

const STORY_MS = 300_000;
const CLEAR_MS = 60_000;

/**
 * Declares a test that has a stage.
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
 * Fails a story that hangs, so that it is recorded and cleaned up like any other failure.
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
		return this.opens(this.makes(flags));
	}

	/** A world that does not run yet. @param {string[]} flags of `sightline serve` */
	makes(flags) {
		return process.env.SIGHTLINE_WORLD === "cloud" ? new CloudWorld(flags) : new DeskWorld(flags);
	}

	/**
	 * Starts a world that is stopped at the end.
	 * @template {import("./world.mjs").World} Kind
	 * @param {Kind} world
	 * @returns {Promise<Kind>}
	 */
	async opens(world) {
		this.#worlds.push(world);
		await world.start();
		return world;
	}

	/**
	 * Starts the desk's world in another way.
	 * @param {{ program?: string, wrapped?: string[] }} way
	 */
	async worldOf(way) {
		return this.opens(Object.assign(new DeskWorld(), way));
	}

	/**
	 * Opens the agent's browser and signs in.
	 * @param {import("./world.mjs").World} world
	 * @param {import("./people.mjs").Outfit} outfit
	 */
	async agent(world, outfit = {}) {
		return this.agentWho(world, (page) => world.signs_in(page), outfit);
	}

	/**
	 * The same for another agent.
	 * @param {(page: import("playwright-core").Page) => Promise<void>} signs_in
	 */
	async agentWho(world, signs_in, outfit = {}) {
		const agent = await this.stranger(world, outfit);
		await signs_in(agent.page);
		await agent.sees("Start a call");
		return agent;
	}

	/**
	 * Opens the browser of an agent who has not signed in.
	 * @param {import("./world.mjs").World} world
	 * @param {import("./people.mjs").Outfit} outfit
	 */
	async stranger(world, outfit = {}) {
		const agent = await Agent.open(world, outfit);
		this.#people.push(agent);
		return agent;
	}

	/**
	 * Opens a customer's browser on a phone.
	 * @param {import("./world.mjs").World} world
	 * @param {import("./people.mjs").Outfit} outfit
	 */
	async customer(world, outfit = {}) {
		const customer = await Customer.open(world, outfit);
		this.#people.push(customer);
		return customer;
	}

	/**
	 * Brings an agent and a customer into a call.
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

	/** Throws if a page had an uncaught error or violated its policy. */
	checkPages() {
		const faults = this.#people.flatMap((person) => person.faults.map((fault) => `${person.who}: ${fault}`));
		if (faults.length > 0) throw new Error(`faults in the pages:\n${faults.join("\n")}`);
	}

	/** Saves screens and logs of a failed story. @param {string} name */
	async record(name) {
		mkdirSync(PICTURES, { recursive: true });
		const file = `failed-${name.replace(/[^a-z0-9]+/gi, "-")}`;
		for (const [at, person] of this.#people.entries()) {
			await person.page
				.screenshot({ path: `${PICTURES}${file}-${at}-${person.who}.png`, scale: "css", timeout: 5_000 })
				.catch(() => {});
		}
		for (const person of this.#people) console.log(`what the ${person.who} saw: ${await person.sight()}`);
		const words = [
			...this.#people.map((person) => `## ${person.who}\n${person.words.join("\n")}`),
			...this.#worlds.map((world) => `## world\n${"log" in world ? world.log : ""}`),
		];
		writeFileSync(`${PICTURES}${file}.txt`, words.join("\n\n"));
		console.log(`screens and logs of this failure: tests/pictures/${file}*`);
	}

	async clear() {
		await Promise.allSettled(this.#people.map((person) => person.close()));
		await Promise.all(this.#worlds.map((world) => world.stop()));
	}
}
