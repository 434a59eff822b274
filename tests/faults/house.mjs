// What the people around a call do by HTTP: sign in, invite, enter, upload, fetch.

import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { Page } from "./page.mjs";

const SEAT_JOINS = { video_only: false, microphone: true, camera: true, take: false };

/** The agent of a desk, and the calls on it. */
export class House {
	#desk;
	#cookie = "";
	#numbers = 0;

	/**
	 * @param {{ base: string, texts: () => Promise<{ to: string, link: string }[]> }} desk
	 * @param {string} cookie the agent's
	 */
	constructor(desk, cookie = "") {
		this.#desk = desk;
		this.#cookie = cookie;
	}

	/** @param {import("./desk.mjs").Desk} desk */
	static async open(desk) {
		const house = new House(desk);
		const answer = await house.#post("/api/sign-in/once", "", { token: secretOf(desk.ready.agent) });
		house.#cookie = cookieOf(answer);
		return house;
	}

	/** Invites a customer; returns the session and the link. */
	async invites() {
		this.#numbers += 1;
		const number = `+49151123456${String(this.#numbers).padStart(2, "0")}`;
		const answer = await this.#post("/api/sessions", this.#cookie, {
			request: randomBytes(16).toString("base64url"),
			number,
			region: "DE",
			reference: "REF-12345",
			language: "en",
			confirm: false,
		});
		const { session } = await answer.json();
		const texts = await this.#desk.texts();
		return { session, link: texts.findLast((text) => text.to === number).link };
	}

	/** Opens a link as a customer's browser does; returns what it leads to. */
	async looks(link) {
		return (await this.#post("/api/look", "", { secret: secretOf(link) })).json();
	}

	/** The agent's cookie. */
	get cookie() {
		return this.#cookie;
	}

	/** Enters by a link, as a tap does; returns the cookie. */
	async enters(link) {
		return cookieOf(await this.#post("/api/enter", "", { secret: secretOf(link) }));
	}

	/** Brings two pages into a call. */
	async call() {
		const { session, link } = await this.invites();
		const entered = await this.enters(link);
		const agent = new Page(this.#desk.base, this.#cookie, session, "agent");
		const customer = new Page(this.#desk.base, entered, session, "customer");
		const join = { topic: "session", type: "join", ...SEAT_JOINS };
		await Promise.all([agent.command({ ...join, name: "-" }), customer.command({ ...join, name: "Ada" })]);
		const again = () => new Page(this.#desk.base, this.#cookie, session, "agent");
		return { session, agent, customer, again };
	}

	/** Returns the whole log of a session from the API. */
	async log(session) {
		const events = [];
		for (;;) {
			const after = events.at(-1)?.seq ?? 0;
			const answer = await fetch(`${this.#desk.base}/api/sessions/${session}/log?after=${after}`, {
				headers: { Cookie: this.#cookie },
			});
			if (!answer.ok) throw new Error(`the log is answered with ${answer.status}`);
			const log = await answer.json();
			events.push(...log.events);
			if (!log.more) return events;
		}
	}

	async #post(path, cookie, body) {
		const { base } = this.#desk;
		const answer = await fetch(base + path, {
			method: "POST",
			headers: { Origin: base, Cookie: cookie, "Content-Type": "application/json" },
			body: JSON.stringify(body),
		});
		if (!answer.ok) throw new Error(`${path} is answered with ${answer.status}: ${await answer.text()}`);
		return answer;
	}
}

/**
 * @typedef {object} Load what is uploaded
 * @property {Buffer} bytes
 * @property {(sent: number) => Promise<void>} [between] runs after each piece, with the share sent
 */

/**
 * Puts the bytes of an upload into its slot in pieces. Returns the status, or null if the
 * connection broke.
 * @param {string} base
 * @param {{ url: string, headers: [string, string][] }} slot
 * @param {Load} load
 * @returns {Promise<number | null>}
 */
export function put(base, slot, { bytes, between }) {
	return new Promise((resolve) => {
		const headers = { Origin: base, "Content-Length": bytes.length, ...Object.fromEntries(slot.headers) };
		const asked = request(new URL(slot.url, base), { method: "PUT", headers }, (answer) => {
			answer.resume();
			resolve(answer.statusCode ?? null);
		});
		asked.on("error", () => resolve(null));
		asked.on("close", () => resolve(null));
		const pieces = async () => {
			const size = Math.ceil(bytes.length / PIECES);
			for (let at = 0; at < bytes.length; at += size) {
				if (asked.destroyed) return;
				asked.write(bytes.subarray(at, at + size));
				await between?.(Math.min(1, (at + size) / bytes.length));
			}
			asked.end();
		};
		pieces().catch(() => asked.destroy());
	});
}

const PIECES = 8;

function secretOf(link) {
	return link.split("#")[1].split("=").at(-1);
}

function cookieOf(answer) {
	return answer.headers.getSetCookie()[0].split(";")[0];
}
