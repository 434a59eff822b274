// A way to the relay over UDP that a story can close, as a firewall does: datagrams go in and
// nothing comes out.

import { createSocket } from "node:dgram";

/** Stands before the relay, whose pages are told this address in place of its own. */
export class UdpWay {
	#front = createSocket("udp4");
	/**
	 * For each page the socket that speaks to the relay for it.
	 * @type {Map<string, import("node:dgram").Socket>}
	 */
	#backs = new Map();
	#relay = 0;
	open = false;
	/** Datagrams that pages sent. */
	seen = 0;

	static async at() {
		const way = new UdpWay();
		await bound(way.#front);
		way.#front.on("message", (datagram, page) => way.#pass(datagram, page));
		return way;
	}

	/** An address that nobody listens at. */
	static async free() {
		const socket = createSocket("udp4");
		await bound(socket);
		const { port } = socket.address();
		await new Promise((resolve) => socket.close(() => resolve(undefined)));
		return `127.0.0.1:${port}`;
	}

	/** What the relay is to announce. */
	get address() {
		return `127.0.0.1:${this.#front.address().port}`;
	}

	/** Lets everything through. @param {string} relay where it listens */
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
