// A person's place behind a bad network: a network namespace, the shaper that carries its packets,
// and the desk's port there, so that pages have the address that they have here.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import net from "node:net";
import { Programs, root } from "../stories/network.mjs";

const SHAPER = fileURLToPath(new URL("./shaper.py", import.meta.url));
const FORWARD = fileURLToPath(new URL("./forward.mjs", import.meta.url));

/** Whether this machine lets us make namespaces and devices; else why not. */
export function canShape() {
	const name = `sl-try-${process.pid}`;
	try {
		root("ip", "netns", "add", name);
		root("ip", "netns", "exec", name, "ip", "tuntap", "add", "dev", "try", "mode", "tun");
		return { can: true };
	} catch (error) {
		const why = String(error.stderr ?? error.message).trim();
		return { can: false, why };
	} finally {
		try {
			root("ip", "netns", "del", name);
		} catch {
			// It was never made.
		}
	}
}

export class Shaped extends Programs {
	/** This machine's address on the bad network, and the one of the place. */
	addresses;
	#shaper;
	#answers;
	#servers = [];

	/** @param {number} seed */
	static async open(seed) {
		const place = new Shaped(`sl-bad-${process.pid}`);
		const n = process.pid % 250;
		place.addresses = { here: `10.214.${n}.1`, there: `10.214.${n}.2` };
		root("ip", "netns", "add", place.name);
		place.run("ip", "link", "set", "lo", "up");
		const { here, there } = place.addresses;
		place.#shaper = spawn("python3", [SHAPER, place.name, here, there, String(seed)], {
			stdio: ["pipe", "pipe", "inherit"],
		});
		place.#answers = createInterface({ input: place.#shaper.stdout })[Symbol.asyncIterator]();
		await place.#answer();
		return place;
	}

	/**
	 * Changes the weather from the place (`up`) and to it (`down`). What a line leaves out is fair.
	 * @param {{ up?: object, down?: object, rebind?: boolean }} weather
	 */
	async weather(weather) {
		this.#shaper.stdin.write(`${JSON.stringify(weather)}\n`);
		return this.#answer();
	}

	/** Makes a port of this machine's loopback reachable under the same address in the place. */
	async forwards(port) {
		const server = net.createServer((socket) => join(socket, net.connect(port, "127.0.0.1")));
		server.listen(0, this.addresses.here);
		await once(server, "listening");
		const far = spawn(this.program(process.execPath), [FORWARD, port, server.address().port, this.addresses.here], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		await once(far.stdout, "data");
		this.#servers.push(server, far);
	}

	/** The place gets another address, and loses the one it had, as between two networks. */
	moves() {
		const { there, here } = this.addresses;
		const next = there.endsWith(".2") ? there.replace(/2$/, "3") : there.replace(/3$/, "2");
		const device = execFileSync("ip", ["-n", this.name, "-o", "link"], { encoding: "utf8" }).match(/slt\d+/)[0];
		this.run("ip", "addr", "del", there, "peer", here, "dev", device);
		this.run("ip", "addr", "add", next, "peer", here, "dev", device);
		this.run("ip", "route", "replace", "default", "via", here, "dev", device);
		root("ip", "route", "replace", next, "dev", device.replace("slt", "slh"));
		this.addresses = { here, there: next };
	}

	end() {
		this.#shaper?.kill();
		for (const server of this.#servers) {
			if ("kill" in server) server.kill();
			else server.close();
		}
		super.end();
	}

	async #answer() {
		const { value, done } = await this.#answers.next();
		if (done) throw new Error("the shaper ended");
		return JSON.parse(value);
	}
}

/** @param {net.Socket} one @param {net.Socket} other */
export function join(one, other) {
	for (const [from, to] of [
		[one, other],
		[other, one],
	]) {
		from.setNoDelay(true);
		from.pipe(to);
		from.on("error", () => to.destroy());
		from.on("close", () => to.destroy());
	}
}
