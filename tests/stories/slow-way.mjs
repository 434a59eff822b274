// A SOCKS proxy (RFC 1928) that is far from the server: whatever passes it takes half a round trip,
// and a connection takes a whole one to open. It has no limit of rate.

import { once } from "node:events";
import net from "node:net";

const CONNECTED = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
const REFUSED = Buffer.from([5, 2, 0, 1, 0, 0, 0, 0, 0, 0]);

export class SlowWay {
	/** Milliseconds. */
	#trip;
	#server = net.createServer((socket) => this.#takes(socket));
	#open = new Set();

	/** @param {number} trip_ms of a round trip */
	static async of(trip_ms) {
		const way = new SlowWay();
		way.#trip = trip_ms;
		way.#server.listen(0, "127.0.0.1");
		await once(way.#server, "listening");
		return way;
	}

	/** Chromium's flags that send all connections this way; media over UDP does not follow. */
	get flags() {
		return [`--proxy-server=socks5://127.0.0.1:${this.#server.address().port}`, "--proxy-bypass-list=<-loopback>"];
	}

	end() {
		this.#server.close();
		for (const socket of this.#open) socket.destroy();
	}

	/** @param {net.Socket} socket */
	async #takes(socket) {
		this.#keeps(socket);
		try {
			await once(socket, "data");
			socket.write(Buffer.from([5, 0]));
			const [asks] = await once(socket, "data");
			const port = localPort(asks);
			if (port === null) {
				socket.end(REFUSED);
				return;
			}
			const far = this.#keeps(net.connect(port, "127.0.0.1"));
			await once(far, "connect");
			setTimeout(() => {
				socket.write(CONNECTED);
				this.#passes(socket, far);
				this.#passes(far, socket);
			}, this.#trip);
		} catch {
			socket.destroy();
		}
	}

	#keeps(socket) {
		this.#open.add(socket.setNoDelay(true));
		socket.on("error", () => socket.destroy());
		socket.on("close", () => this.#open.delete(socket));
		return socket;
	}

	/** Timers of the same length fire in order. */
	#passes(from, to) {
		const later = (act) => setTimeout(act, this.#trip / 2);
		from.on("data", (bytes) => later(() => to.writable && to.write(bytes)));
		from.on("close", () => later(() => to.end()));
	}
}

/** The port of a request to connect to this machine; null for others, such as a browser's own. */
function localPort(asks) {
	const [version, command, , kind] = asks;
	if (version !== 5 || command !== 1) return null;
	if (kind === 1) return asks.subarray(4, 8).join(".") === "127.0.0.1" ? asks.readUInt16BE(8) : null;
	const end = 5 + asks[4];
	return kind === 3 && asks.subarray(5, end).toString() === "127.0.0.1" ? asks.readUInt16BE(end) : null;
}
