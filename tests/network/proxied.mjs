// A person's place behind a proxy on loopback that is a bad network for media. It needs no rights,
// and can neither change addresses nor delay what goes to the server.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROXY = fileURLToPath(new URL("./proxy.py", import.meta.url));

export class Proxied {
	/** Here and there are one machine. */
	addresses = { here: "127.0.0.1", there: "127.0.0.1" };
	#proxy;
	#answers;
	#port = 0;

	/** @param {number} seed */
	static async open(seed) {
		const place = new Proxied();
		place.#proxy = spawn("python3", [PROXY, String(seed)], { stdio: ["pipe", "pipe", "inherit"] });
		place.#answers = createInterface({ input: place.#proxy.stdout })[Symbol.asyncIterator]();
		return place;
	}

	/** @param {{ up?: object, down?: object, to?: [string, number] }} weather */
	async weather(weather) {
		this.#proxy.stdin.write(`${JSON.stringify(weather)}\n`);
		const { value, done } = await this.#answers.next();
		if (done) throw new Error("the proxy ended");
		return JSON.parse(value);
	}

	/**
	 * @param {number} _port the pages reach the server without the proxy
	 * @param {string} media
	 */
	async forwards(_port, media) {
		const { hostname, port } = new URL(`udp://${media}`);
		this.#port = (await this.weather({ to: [hostname, Number(port)] })).port;
	}

	/** Runs in the page before its own: the page knows the relay by the proxy's port. */
	get script() {
		return `(${leadAstray})(${this.#port});`;
	}

	end() {
		this.#proxy.kill();
	}
}

/** Runs in the page. Leaves out TCP, which would go round the proxy. @param {number} port */
function leadAstray(port) {
	const answer = RTCPeerConnection.prototype.setRemoteDescription;
	RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
		const lines = sdp
			.split("\r\n")
			.filter((line) => !/^a=candidate:.* tcp /i.test(line))
			.map((line) => line.replace(/^(a=candidate:\S+ \d udp \d+ \S+) \d+/i, `$1 ${port}`));
		return answer.call(this, { type, sdp: lines.join("\r\n") });
	};
}
