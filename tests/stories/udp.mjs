// A UDP proxy in front of the relay. A story can close it, as a firewall does: it then drops all
// datagrams.

import { createSocket } from "node:dgram";

/** Forwards datagrams between pages and the relay. The relay announces this proxy's address. */
export class UdpWay {
	#front = createSocket("udp4");
	/**
	 * The socket to the relay for each page.
	 * @type {Map<string, import("node:dgram").Socket>}
	 */
	#backs = new Map();
	#relay = 0;
	open = false;
	/** The number of datagrams from pages. */
	seen = 0;

	static async at() {
		const way = new UdpWay();
		await bound(way.#front);
		way.#front.on("message", (datagram, page) => way.#pass(datagram, page));
		return way;
	}

	/** A free address. */
	static async free() {
		const socket = createSocket("udp4");
		await bound(socket);
		const { port } = socket.address();
		await new Promise((resolve) => socket.close(() => resolve(undefined)));
		return `127.0.0.1:${port}`;
	}

	/** The address for the relay to announce. */
	get address() {
		return `127.0.0.1:${this.#front.address().port}`;
	}

	/** Starts forwarding. @param {string} relay the address it listens on */
	opens(relay) {
		this.#relay = Number(relay.split(":")[1]);
		this.open = true;
	}

	closes() {
		this.open = false;
	}

	end() {
		for (const socket of [this.#front, ...this.#backs.values()]) socket.close();
	}

	async #pass(datagram, page) {
		this.seen += 1;
		if (this.open) (await this.#back(page)).send(datagram, this.#relay, "127.0.0.1");
	}

	async #back(page) {
		const key = `${page.address}:${page.port}`;
		const known = this.#backs.get(key);
		if (known) return known;
		const back = createSocket("udp4");
		this.#backs.set(key, back);
		back.on("message", (datagram) => this.open && this.#front.send(datagram, page.port, page.address));
		await bound(back);
		return back;
	}
}

/** @param {import("node:dgram").Socket} socket */
function bound(socket) {
	return new Promise((resolve, reject) => socket.once("error", reject).bind(0, "127.0.0.1", () => resolve(undefined)));
}
