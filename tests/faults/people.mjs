// Two people in a call who talk, draw and take pictures, and what was acknowledged to them.

import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { put } from "./house.mjs";
import { ignored, Turns } from "./turns.mjs";

const SMALL = readFileSync(new URL("../../functions/host/samples/jpeg/baseline.jpg", import.meta.url));
/** A picture of this many bytes takes several writes. The host drops its comments. */
const LARGE_BYTES = 600 * 1024;
/** @type {import("./house.mjs").Load} */
const PLAIN = { bytes: SMALL };
/** A connection may send 30 messages a second (wire/README.md, "Limits"). */
const PACE_MS = [45, 120];

/**
 * @typedef {import("./page.mjs").Page} Page
 *
 * @typedef {object} Acked what a page was told is done
 * @property {"agent" | "customer"} seat
 * @property {string} kind the type of event that it makes
 * @property {string} key names it among its kind
 * @property {number} head
 */

/** A picture that is long because of its comments (ISO/IEC 10918-1, B.2.4.5). */
export function largePicture() {
	const comment = Buffer.alloc(2 + 65_000, 0x20);
	comment.writeUInt16BE(0xff_fe, 0);
	comment.writeUInt16BE(65_000, 2);
	const comments = Array(Math.ceil(LARGE_BYTES / comment.length)).fill(comment);
	return Buffer.concat([SMALL.subarray(0, 2), ...comments, SMALL.subarray(2)]);
}

export class People {
	/** @type {Acked[]} */
	acked = [];
	/** Lines that are refused for good: then the call is not held. @type {string[]} */
	refused = [];
	/** Pictures whose bytes were acknowledged, and those that were deleted. */
	kept = new Set();
	deleted = new Set();
	#chance;
	#calls;
	#going = false;
	/** @type {Promise<unknown>} */
	#loops = Promise.resolve();
	#pictures = new Turns();
	#marks = 0;
	#lines = 0;

	/**
	 * @param {{ session: string, agent: Page, customer: Page, again: () => Page }} call
	 * @param {import("./chance.mjs").Chance} chance
	 */
	constructor(call, chance) {
		this.session = call.session;
		this.agent = call.agent;
		this.customer = call.customer;
		this.pages = [call.agent, call.customer];
		this.#chance = chance;
		this.#calls = call;
	}

	/** Opens another page of the agent's, which holds no seat. */
	again() {
		return this.#calls.again();
	}

	/** Begins to talk, draw and take pictures. */
	begin() {
		this.#going = true;
		const loops = [...this.pages.map((page) => this.#talks(page)), this.#takesPictures()];
		this.#loops = Promise.all(loops);
		// A run that fails closes its pages, and nobody waits for the loops.
		this.#loops.catch(ignored);
	}

	/** Ends all that, after what was begun is acknowledged. */
	async end() {
		this.#going = false;
		await this.#loops;
	}

	/** Says a line. @param {Page} page */
	async says(page) {
		this.#lines += 1;
		const text = `${this.session} ${page.seat} ${this.#lines}`;
		const done = await this.#does(page, { topic: "chat", type: "say", text }, "said", text);
		if (done.refused) this.refused.push(`a line of the ${page.seat}'s is refused: ${done.refused.why}`);
		return text;
	}

	/** Draws some strokes. @param {Page} page @param {number} picture */
	async draws(page, picture) {
		const strokes = Array.from({ length: this.#chance.between(1, 3) }, () => {
			this.#marks += 1;
			return { mark: this.#marks, tool: "pen", line: [this.#marks % 65_536, 7, 9, 65_535] };
		});
		const keys = strokes.map((stroke) => `${stroke.mark}`);
		return await this.#does(page, { topic: "annotation", type: "draw", picture, strokes }, "drawn", ...keys);
	}

	/** The agent asks for a picture; returns its number. */
	async asks() {
		const before = this.agent.log.findLast((event) => event.type === "capture_asked")?.seq;
		// With an open board a press of the shutter changes nothing.
		if (before !== undefined) await this.agent.command({ topic: "screenshots", type: "close", picture: before });
		const done = await this.agent.command({ topic: "screenshots", type: "capture" });
		if (done.refused) return null;
		await this.#reaches(this.agent, done.head);
		const asked = this.agent.log.findLast((event) => event.type === "capture_asked" && event.seq <= done.head);
		this.acked.push({ seat: "agent", kind: "capture_asked", key: `${asked.seq}`, head: done.head });
		return asked.seq;
	}

	/**
	 * Uploads bytes until they are there, and reports them.
	 * @param {Page} page
	 * @param {object} upload kind, picture and so on
	 * @param {import("./house.mjs").Load} load
	 */
	async uploads(page, upload, load = PLAIN) {
		const { kind, picture, through } = upload;
		const same = (heard) => JSON.stringify(heard.upload) === JSON.stringify(upload);
		const report = kind === "sent" ? { type: "send", picture, through } : { type: "uploaded", upload };
		const key = kind === "sent" ? `${picture}-${through}` : `${picture}`;
		for (;;) {
			const slot = await page.question(
				{ topic: "screenshots", type: "slot", upload, bytes: load.bytes.length },
				(heard) => (heard.type === "slot" || heard.type === "no_slot") && same(heard),
			);
			if (slot.type === "no_slot" && !["trouble", "busy"].includes(slot.refusal.why)) return false;
			const status = slot.type === "slot" ? await put(page.base, slot, load) : null;
			// Already there: an earlier try arrived, and its answer did not.
			if (status === 200 || status === 412) {
				const fact = kind === "sent" ? "picture_sent" : "picture_kept";
				const done = await this.#does(page, { topic: "screenshots", ...report }, fact, key);
				if (done.refused?.why !== "not_uploaded") return done.refused === undefined;
			}
			await pause(100);
		}
	}

	/** Takes a picture, after the one before; returns its number. */
	takes(load = PLAIN) {
		return this.#pictures.take(() => this.#takes(load));
	}

	async #takes(load) {
		const picture = await this.asks();
		if (picture === null) return null;
		const kept = await this.uploads(this.customer, { kind: "sharp", picture, attempt: 1 }, load);
		if (kept) this.kept.add(picture);
		return picture;
	}

	/** Sends a picture with its strokes into the chat. */
	async sends(picture, load = PLAIN) {
		const changes = ["drawn", "undone", "redone", "cleared"];
		const newest = this.agent.log.findLast((event) => event.picture === picture && changes.includes(event.type));
		const through = newest?.seq ?? picture;
		return await this.uploads(this.agent, { kind: "sent", picture, through }, load);
	}

	/** Fetches a picture; returns the status of its link, or the word that refuses one. */
	async fetches(picture) {
		const same = (heard) => heard.object?.of === "base" && heard.object.picture === picture;
		const answer = await this.agent.question(
			{ topic: "screenshots", type: "view", object: { of: "base", picture } },
			(heard) => (heard.type === "link" || heard.type === "no_link") && same(heard),
		);
		if (answer.type === "no_link") return answer.refusal.why;
		const fetched = await fetch(new URL(answer.url, this.agent.base));
		const bytes = Buffer.from(await fetched.arrayBuffer());
		return fetched.ok && !bytes.equals(SMALL) ? "other bytes" : fetched.status;
	}

	/** Deletes a picture for good. */
	async deletes(picture) {
		const says = { topic: "screenshots", type: "delete", picture };
		const done = await this.#does(this.agent, says, "picture_deleted", `${picture}`);
		if (done.refused) return;
		this.kept.delete(picture);
		this.deleted.add(picture);
	}

	/** Waits until a page has the events up to this one. */
	async #reaches(page, head) {
		while (page.head < head) await pause(10);
	}

	/** Sends a command; notes what it made when it is acknowledged. */
	async #does(page, says, kind, ...keys) {
		const done = await page.command(says);
		if (!done.refused) for (const key of keys) this.acked.push({ seat: page.seat, kind, key, head: done.head });
		return done;
	}

	async #talks(page) {
		while (this.#going) {
			const open = page.log.findLast((event) => event.type === "picture_kept")?.picture;
			const chance = this.#chance.next();
			if (chance < 0.6 || open === undefined) await this.says(page);
			else if (chance < 0.9) await this.draws(page, open);
			else await this.#takesBack(page, open, chance < 0.96 ? "undo" : "redo");
			await pause(this.#chance.between(PACE_MS[0], PACE_MS[1]));
		}
	}

	async #takesBack(page, picture, type) {
		await this.#does(page, { topic: "annotation", type, picture }, type === "undo" ? "undone" : "redone", "");
	}

	async #takesPictures() {
		while (this.#going) {
			const picture = await this.takes();
			await pause(this.#chance.between(200, 500));
			if (picture === null) continue;
			const chance = this.#chance.next();
			if (chance < 0.4) await this.sends(picture);
			else if (chance < 0.6) await this.deletes(picture);
		}
	}
}
