// The desk under attack: the real binary, and what people around its calls do by HTTP.

import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Chance } from "../faults/chance.mjs";
import { Desk } from "../faults/desk.mjs";
import { House } from "../faults/house.mjs";
import { People } from "../faults/people.mjs";

/** Uploads that can be begun. */
const SLOTS = 4;
const SLOT_BYTES = 1_000_000;

export class DeskPlace {
	name = "desk";
	/** As many open files as a login shell usually has. */
	#desk = new Desk({ files_max: 1_024 });
	#house;
	/** The people who take pictures, and how many arrived. */
	#people;
	#pictures = 0;

	static async open() {
		const place = new DeskPlace();
		await place.#desk.start();
		place.#house = await House.open(place.#desk);
		place.#people = new People(await place.#house.call(), new Chance(1));
		void place.#takesPictures();
		return place;
	}

	get base() {
		return this.#desk.base;
	}

	get agent() {
		return this.#house.cookie;
	}

	/** A new session, with two cookies of its link. */
	async call() {
		const { session, link } = await this.#house.invites();
		const [customer, guest] = [await this.#house.enters(link), await this.#house.enters(link)];
		return { session, agent: this.agent, customer, guest };
	}

	/** Addresses for uploads of some customers. */
	async slots() {
		const slots = [];
		for (let n = 0; n < SLOTS; n += 1) {
			const { agent, customer } = await this.#house.call();
			const done = await agent.command({ topic: "screenshots", type: "capture" });
			while (agent.head < done.head) await new Promise((resolve) => setTimeout(resolve, 10));
			const picture = agent.log.findLast((event) => event.type === "capture_asked").seq;
			const upload = { kind: "sharp", picture, attempt: 1 };
			const answers = (heard) => heard.type === "slot" || heard.type === "no_slot";
			const asked = { topic: "screenshots", type: "slot", upload, bytes: SLOT_BYTES };
			const { url, headers } = await customer.question(asked, answers);
			slots.push({ url, headers, bytes: SLOT_BYTES });
			for (const page of [agent, customer]) page.close();
		}
		return slots;
	}

	/** How many pictures have arrived. */
	get pictures() {
		return this.#pictures;
	}

	/** What it takes of memory, MiB. */
	memory() {
		return residentMib(this.#desk.pid);
	}

	get log() {
		return this.#desk.log;
	}

	async close() {
		for (const page of this.#people.pages) page.close();
		await this.#desk.close();
	}

	/** One picture after the other, until the pages close. */
	async #takesPictures() {
		try {
			for (;;) {
				const picture = await this.#people.takes();
				if (picture !== null) {
					this.#pictures += 1;
					// A call has fifty pictures at most.
					await this.#people.deletes(picture);
				}
				await pause(200);
			}
		} catch {
			// The pages were closed.
		}
	}
}

export function residentMib(pid) {
	const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
	return Number(kib) / 1024;
}
