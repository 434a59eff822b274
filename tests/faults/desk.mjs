// The real binary, with means to play faults on it: its clock, its disk, its open files, its
// folder.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { MEDIA_BUILT } from "../stories/built.mjs";
import { until } from "../stories/until.mjs";
import { fakeClock, MovedClock } from "./clock.mjs";

const SIGHTLINE = join(MEDIA_BUILT, "sightline");
const READY_MS = 20_000;
/** Sound and picture have no part in these runs, and Firefox has not either. */
const ANY = "127.0.0.1:0";

/**
 * @typedef {object} Means
 * @property {boolean} [clock] its clock can be moved
 * @property {number} [disk_mb] its folder lies on a disk of that size
 * @property {number} [files_max] most open files
 */

/**
 * Says which means this machine lacks, or nothing.
 * @param {Means} means
 * @returns {Promise<string>}
 */
export async function lacks(means) {
	if (means.clock && fakeClock() === "") return "libfaketime is missing (Debian's package `faketime`)";
	if (means.disk_mb !== undefined && !(await mounts())) return "no user namespace may mount a small disk here";
	if (means.files_max !== undefined && !(await works("prlimit", ["--version"]))) return "`prlimit` is missing";
	return "";
}

export class Desk {
	/** The folder of everything of this desk. */
	root = mkdtempSync(join(tmpdir(), "sightline-faults-"));
	/** Addresses of the newest start. @type {any} */
	ready = null;
	base = "";
	log = "";
	#means;
	#media = ANY;
	#media_tcp = ANY;
	/** @type {import("node:child_process").ChildProcess | null} */
	#process = null;
	/**
	 * Holds the namespace in which the small disk is mounted.
	 * @type {import("node:child_process").ChildProcess | null}
	 */
	#holder = null;

	/** @param {Means} means */
	constructor(means) {
		this.#means = means;
		this.clock = new MovedClock(this.root);
		mkdirSync(this.#mount);
	}

	get #mount() {
		return join(this.root, "disk");
	}

	/** Its data folder, as the desk knows it. */
	get #data() {
		return join(this.#mount, "data");
	}

	/** Its data folder, as this process reaches it. */
	get folder() {
		return join(this.disk, "data");
	}

	/** Where its data folder lies, as this process reaches it. */
	get disk() {
		return this.#holder === null ? this.#mount : join("/proc", String(this.#holder.pid), "root", this.#mount);
	}

	get pid() {
		return this.#process?.pid ?? 0;
	}

	/** Starts it on the same addresses as before. @param {string[]} flags */
	async start(...flags) {
		if (this.#means.disk_mb !== undefined && this.#holder === null) await this.#mountDisk();
		const command = [
			...this.#wrapped(),
			...[SIGHTLINE, "serve", "--json", "--data", this.#data, ...flags],
			...["--listen", this.base === "" ? ANY : new URL(this.base).host],
			...["--media", this.#media, "--media-tcp", this.#media_tcp],
		];
		const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
		this.#process = child;
		child.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
		const line = await Promise.race([
			once(createInterface({ input: child.stdout }), "line"),
			once(child, "close").then(() => null),
			new Promise((resolve) => setTimeout(resolve, READY_MS, null)),
		]);
		if (line === null) throw new Error(`sightline is not ready: ${this.log.slice(-500)}`);
		this.ready = JSON.parse(line[0]);
		this.base = this.ready.page;
		[this.#media] = this.ready.media;
		[this.#media_tcp] = this.ready.media_tcp;
	}

	async kill() {
		await this.#end("SIGKILL");
	}

	async terminate() {
		await this.#end("SIGTERM");
	}

	freeze() {
		this.#process?.kill("SIGSTOP");
	}

	thaw() {
		this.#process?.kill("SIGCONT");
	}

	/** What `/healthz` answers. */
	async health() {
		const answer = await fetch(`${this.base}/healthz`);
		return { status: answer.status, text: await answer.text() };
	}

	/** Every text message so far. @returns {Promise<{ to: string, link: string }[]>} */
	async texts() {
		return (await fetch(`${this.base}/outbox.json`)).json();
	}

	/** Takes all free space of the small disk. Returns how to give it back. */
	fillDisk() {
		const file = join(this.disk, "filling");
		for (const bytes of [64 * 1024, 4096]) append(file, Buffer.alloc(bytes));
		return () => rmSync(file);
	}

	/** The names of all files of a picture: what it is, and what was uploaded for it. */
	filesOf(session, picture) {
		const root = join(this.folder, "objects");
		const all = existsSync(root) ? readdirSync(root, { recursive: true, encoding: "utf8" }) : [];
		return all.filter((name) => name.includes(`${session}/${picture}-`));
	}

	async close() {
		await this.kill();
		if (this.#holder !== null) {
			this.#holder.kill("SIGKILL");
			await once(this.#holder, "close");
		}
		rmSync(this.root, { recursive: true, force: true });
	}

	/** The commands that run another one with these means. */
	#wrapped() {
		const { clock, files_max } = this.#means;
		const wrapped = [];
		if (this.#holder !== null)
			wrapped.push("nsenter", "-t", String(this.#holder.pid), "-U", "-m", "--preserve-credentials");
		if (files_max !== undefined) wrapped.push("prlimit", `--nofile=${files_max}:${files_max}`);
		if (clock) wrapped.push(...this.clock.command);
		return wrapped;
	}

	async #mountDisk() {
		const script = `mount -t tmpfs -o size=${this.#means.disk_mb}m tmpfs "$0" && echo mounted && exec sleep infinity`;
		const holder = spawn("unshare", ["-rm", "sh", "-c", script, this.#mount], { stdio: ["ignore", "pipe", "inherit"] });
		await once(holder.stdout, "data");
		this.#holder = holder;
	}

	async #end(signal) {
		const child = this.#process;
		if (child === null || child.exitCode !== null || child.signalCode !== null) return;
		child.kill(signal);
		const ended = () => child.exitCode !== null || child.signalCode !== null;
		await until(`sightline exits after ${signal}`, ended, 10_000, 5);
	}
}

/** Appends a piece until there is no space. */
function append(file, piece) {
	try {
		for (;;) writeFileSync(file, piece, { flag: "a" });
	} catch (error) {
		if (error.code !== "ENOSPC") throw error;
	}
}

function mounts() {
	return works("unshare", ["-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /tmp"]);
}

async function works(program, parameters) {
	const child = spawn(program, parameters, { stdio: "ignore" });
	const [code] = await Promise.race([once(child, "close"), once(child, "error").then(() => [1])]);
	return code === 0;
}
