// The desk of the version before with its clock in the year 2099, and pages that write down every
// word in both directions.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PATIENCE_MS = 30_000;
const PORT = 8099;
const HERE = import.meta.dirname;
export const BASE = `http://127.0.0.1:${PORT}`;

/** @typedef {{ http: object[], pages: Record<string, object[]> }} Talk */

/** The desk and the listener beside it. */
export class House {
	/** @type {Talk} */
	talk = { http: [], pages: {} };
	base = BASE;
	/** @type {{ agent: string, outbox: string }} */
	ready = { agent: "", outbox: "" };

	/** @param {string} old worktree @param {string} binary @param {string} folder for everything */
	static async start(old, binary, folder) {
		const house = new House();
		const require = createRequire(join(old, "tests/package.json"));
		house.WebSocket = require("playwright-core/lib/utilsBundle").ws;
		execFileSync("cc", ["-shared", "-fPIC", "-o", join(folder, "ahead.so"), join(HERE, "ahead.c")]);
		house.listener = spawn("python3", [join(HERE, "listen.py"), String(PORT), join(folder, "relay.jsonl")], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		await once(createInterface(house.listener.stdout), "line");
		const flags = ["--listen", `127.0.0.1:${PORT}`, "--media", "127.0.0.1:0", "--media-tcp", "127.0.0.1:0", "--json"];
		house.desk = spawn(
			binary,
			["serve", ...flags, "--data", join(folder, "data"), "--agent-name", "Grace", "--business", "Acme Repairs"],
			{ env: { ...process.env, LD_PRELOAD: join(folder, "ahead.so") }, stdio: ["ignore", "pipe", "inherit"] },
		);
		process.on("exit", () => {
			for (const child of [house.listener, house.desk]) child.kill("SIGKILL");
		});
		const [line] = await once(createInterface(house.desk.stdout), "line");
		house.ready = JSON.parse(line);
		house.spare = execFileSync(binary, ["sign-in-link", "--data", join(folder, "data")], {
			env: { ...process.env, LD_PRELOAD: join(folder, "ahead.so") },
			encoding: "utf8",
		}).trim();
		return house;
	}

	async stop() {
		this.desk.kill("SIGTERM");
		await once(this.desk, "exit");
		this.listener.kill("SIGTERM");
		await once(this.listener, "exit");
	}

	/** @param {string} path @param {object} [body] posts it @param {string} [cookie] */
	async asks(path, body, cookie = "") {
		const headers = { origin: BASE, cookie, ...(body && { "content-type": "application/json" }) };
		const method = body ? "POST" : "GET";
		const answer = await fetch(BASE + path, { method, headers, body: body && JSON.stringify(body) });
		const text = await answer.text();
		const set = answer.headers.getSetCookie();
		this.talk.http.push({ method, path, cookie, body: body && JSON.stringify(body), status: answer.status, set, text });
		return { status: answer.status, cookie: set[0]?.split(";")[0], json: text && JSON.parse(text) };
	}

	// What the people of the stories need of a world.

	async texts() {
		return (await fetch(this.ready.outbox)).json();
	}

	async signs_in(page) {
		await page.goto(this.spare);
	}

	async link() {
		return (await this.texts()).at(-1).link;
	}
}

/** What a link carries. @param {string} link */
export function secretOf(link) {
	return link.split("#")[1].split("=").at(-1);
}

/** A page's id. */
export function pageId() {
	return randomBytes(16).toString("base64url");
}

/** One load of a page. */
export class Page {
	#n = 0;
	/** @type {any[]} */
	#heard = [];
	id = pageId();

	/** @param {House} house @param {string} name of the record */
	constructor(house, name, session, seat, cookie) {
		Object.assign(this, { house, name, session, seat, cookie });
		this.words = house.talk.pages[name] ??= [];
	}

	async dials() {
		this.socket = new this.house.WebSocket(`${BASE.replace("http", "ws")}/ws`, "sightline.1", {
			headers: { origin: BASE, cookie: this.cookie },
		});
		this.socket.on("message", (data) => {
			this.words.push({ from: "host", text: String(data) });
			this.#heard.push(JSON.parse(String(data)));
		});
		await once(this.socket, "open");
		this.says("session", "attach", { seat: this.seat });
		return this.hears("attached");
	}

	says(topic, type, fields = {}) {
		const text = JSON.stringify({ session: this.session, page: this.id, topic, type, ...fields });
		this.words.push({ from: "page", text });
		if (process.env.TRACE) console.error(this.name, text.slice(60, 200));
		this.socket.send(text);
	}

	/** A numbered command: its answer. */
	async does(topic, type, fields = {}) {
		const n = ++this.#n;
		this.says(topic, type, { n, ...fields });
		return this.hears("done", (message) => message.n === n);
	}

	/** Waits for a message and takes it out. */
	async hears(type, fits = (_) => true) {
		for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(20)) {
			const at = this.#heard.findIndex((message) => message.type === type && fits(message));
			if (at >= 0) return this.#heard.splice(at, 1)[0];
		}
		throw new Error(`${this.name} never heard ${type}: ${JSON.stringify(this.#heard).slice(-2_000)}`);
	}

	/** Waits for an event and leaves it. */
	async sees(type, fits = (_) => true) {
		const message = await this.hears("events", ({ events }) => events.some((e) => e.type === type && fits(e)));
		return message.events.find((event) => event.type === type && fits(event));
	}

	/** Uploads a picture. */
	async uploads(upload, bytes) {
		this.says("screenshots", "slot", { upload, bytes: bytes.length });
		const { url, headers } = await this.hears("slot");
		const answer = await fetch(new URL(url, BASE), {
			method: "PUT",
			headers: Object.fromEntries(headers),
			body: bytes,
		});
		if (!answer.ok) throw new Error(`upload: ${answer.status} ${await answer.text()}`);
	}

	/** Everything of the log, as this seat sees it. */
	async reads() {
		const events = [];
		for (let more = true; more; ) {
			this.#heard = this.#heard.filter(({ type }) => type !== "events");
			const after = events.at(-1)?.seq ?? 0;
			this.says("session", "resume", { after });
			const batch = await this.hears("events", (message) => message.events[0]?.seq === after + 1);
			events.push(...batch.events);
			more = batch.more;
		}
		return events;
	}

	async hangsUp() {
		this.socket.close();
		await once(this.socket, "close");
	}
}

export function pause(ms) {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
