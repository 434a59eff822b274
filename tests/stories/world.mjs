// The world of a story: a running Sightline, its text messages, and ways to stop or kill it.
// Stories use only the `World` interface, so the same stories run against the desk and the cloud.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BUILT } from "./built.mjs";
import { until } from "./until.mjs";

/**
 * @typedef {{ to: string, text: string, link: string }} Sms
 *
 * @typedef {object} World
 * @property {string} base address of the pages
 * @property {() => Promise<string>} sign_in the address where an agent signs in: a single-use
 *   link, or the sign-in page
 * @property {(page: import("playwright-core").Page) => Promise<void>} signs_in signs an agent
 *   in
 * @property {() => Promise<Sms[]>} texts every text message so far, newest last
 * @property {() => Promise<Sms>} last_sms
 * @property {(scopes: string[]) => Promise<string>} api_key a new key of the API for other programs
 * @property {() => Promise<string | null>} agent_subject who the agent is at the provider, if
 *   there is one
 * @property {() => Promise<{ key: string, bytes: Buffer }[]>} pictures all stored pictures,
 *   including uploads not yet checked, with their keys in the store
 * @property {() => Promise<{ name: string, bytes: Buffer }[]>} stored everything that is stored,
 *   by the name of a file or of a row
 * @property {(certificate: string) => void} trusts what starts next trusts this authority alone,
 *   named by its file
 * @property {() => Promise<void>} kill kills it without a shutdown
 * @property {() => Promise<void>} start starts it with the same addresses and data as before
 * @property {() => Promise<void>} restart shuts it down and starts it again
 * @property {() => Promise<void>} stop stops it and deletes its data
 */

export const AGENT_NAME = "Grace";
export const BUSINESS = "Acme Repairs";

export const SIGHTLINE = join(BUILT, "sightline");
const READY_MS = 30_000;
const STOP_MS = 20_000;

/**
 * The desk's world: the real binary on free ports of this machine.
 * @implements {World}
 */
export class DeskWorld {
	base = "";
	/** What starts next: a story of an upgrade begins with an older one. */
	program = SIGHTLINE;
	/** The command that runs it, such as one that moves its clock. @type {string[]} */
	wrapped = [];
	#data = mkdtempSync(join(tmpdir(), "sightline-story-"));
	#flags;
	/** @type {import("node:child_process").ChildProcess | null} */
	#process = null;
	#ready = { agent: "", page: "", outbox: "", media: [""], media_tcp: [""], lan: "" };
	#fresh_link = false;
	#log = "";

	/** @param {string[]} flags more flags of `sightline serve` */
	constructor(flags = []) {
		this.#flags = flags;
	}

	/** @param {string[]} flags @returns {Promise<DeskWorld>} */
	static async open(...flags) {
		const world = new DeskWorld(flags);
		await world.start();
		return world;
	}

	/** The process's standard error, to record a failed story. */
	get log() {
		return this.#log;
	}

	/** The origin of `--lan`. */
	get lan() {
		return this.#ready.lan;
	}

	/** Its origin at the loopback address, whatever the public one is. */
	get listens() {
		return new URL(this.#ready.outbox).origin;
	}

	/** The UDP addresses of the relay. */
	get media() {
		return this.#ready.media;
	}

	/** The TCP addresses of the relay. */
	get media_tcp() {
		return this.#ready.media_tcp;
	}

	async sign_in() {
		if (this.#fresh_link) {
			this.#fresh_link = false;
			return this.#ready.agent;
		}
		const link = (await output(this.program, ["sign-in-link", "--data", this.#data])).match(/https?:\/\/\S+/);
		if (link === null) throw new Error("`sightline sign-in-link` printed no link");
		return link[0];
	}

	async signs_in(page) {
		await page.goto(await this.sign_in());
	}

	async api_key(scopes) {
		const said = await output(this.program, ["api-key", "--data", this.#data, "--scopes", scopes.join(), "Program"]);
		return said.trim().split(/\s/).at(-1) ?? "";
	}

	async agent_subject() {
		return null;
	}

	async texts() {
		return /** @type {Sms[]} */ (await (await fetch(this.#ready.outbox)).json());
	}

	async last_sms() {
		const newest = (await this.texts()).at(-1);
		if (newest === undefined) throw new Error("no text message was sent");
		return newest;
	}

	async pictures() {
		const found = await filesBelow(join(this.#data, "objects"));
		return found
			.filter(({ name }) => /^(incoming|pictures)\/[^/]+\/./.test(name))
			.map(({ name, bytes }) => ({ key: name, bytes }));
	}

	/**
	 * Starts again first: only then have the bytes of deleted rows left the database's file.
	 */
	async stored() {
		await this.restart();
		return filesBelow(this.#data);
	}

	trusts(certificate) {
		this.wrapped = ["env", `SSL_CERT_FILE=${certificate}`];
	}

	/** Moves the data folder aside while the desk runs, and back. */
	folderGoes() {
		renameSync(this.#data, `${this.#data}.aside`);
	}

	folderComesBack() {
		renameSync(`${this.#data}.aside`, this.#data);
	}

	/**
	 * What the desk says of its health.
	 * @returns {Promise<{ status: number, parts: { name: string, ok: boolean }[] }>}
	 */
	async health() {
		const answer = await fetch(`${this.base}/healthz`);
		return { status: answer.status, ...(await answer.json()) };
	}

	async kill() {
		await this.#end("SIGKILL");
	}

	async restart() {
		await this.#end("SIGTERM");
		await this.start();
	}

	async stop() {
		await this.#end("SIGTERM");
		rmSync(this.#data, { recursive: true, force: true });
	}

	async start() {
		const listen = this.base === "" ? "127.0.0.1:0" : new URL(this.base).host;
		// After a restart another program may use the TCP port with the number of --media.
		const flags = ["--listen", listen, "--media-tcp", "127.0.0.1:0", "--data", this.#data, "--json"];
		if (!this.#flags.includes("--media")) flags.push("--media", this.#ready.media[0] || "127.0.0.1:0");
		const names = ["--agent-name", AGENT_NAME, "--business", BUSINESS];
		const command = [...this.wrapped, this.program, "serve", ...flags, ...names, ...this.#flags];
		const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
		this.#process = child;
		child.stderr.setEncoding("utf8").on("data", (text) => (this.#log += text));
		const lines = [];
		createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
		await until(
			"`sightline serve` prints its line when ready",
			() => {
				if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}: ${this.#log.slice(-2_000)}`);
				return lines.length > 0;
			},
			READY_MS,
		);
		this.#ready = JSON.parse(lines[0]);
		this.base = new URL(this.#ready.page).origin;
		this.#fresh_link = true;
	}

	/** @param {"SIGKILL" | "SIGTERM"} signal */
	async #end(signal) {
		const child = this.#process;
		if (child === null || child.exitCode !== null || child.signalCode !== null) return;
		child.kill(signal);
		try {
			await until(
				`sightline exits after ${signal}`,
				() => child.exitCode !== null || child.signalCode !== null,
				STOP_MS,
			);
		} finally {
			child.kill("SIGKILL");
		}
	}
}

/**
 * All files of a folder. The desk works meanwhile: when one goes between the list and the look,
 * both are made again.
 * @param {string} folder
 */
function filesBelow(folder) {
	return until(`the files of ${folder} are read`, () => {
		const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
		const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
		return files.map((file) => ({ name: file.slice(folder.length + 1), bytes: readFileSync(file) }));
	});
}

/** @param {string} program @param {string[]} parameters @returns {Promise<string>} */
function output(program, parameters) {
	return new Promise((resolve, reject) => {
		const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "inherit"] });
		let text = "";
		child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
		child.on("error", reject);
		child.on("close", (code) =>
			code === 0 ? resolve(text) : reject(new Error(`${parameters[0]} exited with ${code}`)),
		);
	});
}
