// The two processes beside the one that is attacked.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { MEDIA_BUILT } from "../stories/built.mjs";

const PROGRAM = join(MEDIA_BUILT, "sightline-hostile");

/** Runs an attacker at the lowest priority. Returns what it did. */
export async function attacked(key, target) {
	const child = spawn("nice", ["-n", "19", PROGRAM, "attack", key], { stdio: ["pipe", "pipe", "pipe"] });
	let [said, errors] = ["", ""];
	child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
	child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
	child.stdin.end(`${JSON.stringify(target)}\n`);
	const [code] = await once(child, "close");
	if (code !== 0) throw new Error(`the attack ${key} failed: ${errors.slice(-500)}`);
	return JSON.parse(said).did;
}

/** The calls beside it, in a process of their own. */
export class Neighbours {
	customers_at = [];
	#child = spawn(PROGRAM, ["calls"], { stdio: ["pipe", "pipe", "inherit"] });
	#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();

	static async begin(wanted) {
		const neighbours = new Neighbours();
		neighbours.#say(JSON.stringify(wanted));
		({ customers_at: neighbours.customers_at } = await neighbours.#hear());
		// The rates of the first second are those of a beginning.
		await pause(1_000);
		return neighbours;
	}

	/** What they notice in so many seconds. */
	measure(seconds) {
		this.#say(String(seconds));
		return this.#hear();
	}

	async end() {
		this.#child.stdin.end();
		await once(this.#child, "close");
	}

	#say(line) {
		this.#child.stdin.write(`${line}\n`);
	}

	async #hear() {
		const { value, done } = await this.#lines.next();
		if (done) throw new Error("the calls ended");
		return JSON.parse(value);
	}
}
