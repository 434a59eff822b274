// The cloud's world under attack: functions behind an emulator of API Gateway, and a relay's
// process.

import { chromium } from "playwright-core";
import { House } from "../faults/house.mjs";
import { CloudWorld } from "../stories/cloud.mjs";
import { until } from "../stories/until.mjs";
import { residentMib } from "./desk.mjs";

const SIGN_IN_MS = 20_000;

export class GatewayPlace {
	/** Uploads go to the store, past everything that is attacked here. */
	pictures = 0;
	#world = new CloudWorld();
	#house;

	static async open() {
		const place = new GatewayPlace();
		await place.#world.start();
		place.#house = new House(place.#world, await place.#signsIn());
		return place;
	}

	get base() {
		return this.#world.base;
	}

	/** A new session, with two cookies of its link. */
	async call() {
		const { session, link } = await this.#house.invites();
		const [customer, guest] = [await this.#house.enters(link), await this.#house.enters(link)];
		return { session, agent: this.#house.cookie, customer, guest };
	}

	async slots() {
		return [];
	}

	/** What the relay takes of memory, MiB. */
	memory() {
		return residentMib(this.#world.relay_pids[0]);
	}

	get log() {
		return this.#world.log;
	}

	close() {
		return this.#world.stop();
	}

	/** Signs an agent in with a browser, as the provider's pages want it; returns the cookie. */
	async #signsIn() {
		const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
		const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
		try {
			const context = await browser.newContext();
			await this.#world.signs_in(await context.newPage());
			let found;
			const isThere = async () => {
				found = (await context.cookies()).find((cookie) => cookie.name === "__Host-agent");
				return found !== undefined;
			};
			await until("the agent is signed in", isThere, SIGN_IN_MS);
			return `${found.name}=${found.value}`;
		} finally {
			await browser.close();
		}
	}
}
