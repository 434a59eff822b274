// A program that hears from a webhook: an HTTPS server of its own, which checks each message with
// the reference library of Standard Webhooks.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { Webhook } from "standardwebhooks";

/** Where a redirect leads, which nobody may follow. */
const ELSEWHERE = "/elsewhere";

/**
 * @typedef {{ id: string, type: string, data: Record<string, unknown>, keys: number }} Heard
 *   `keys` counts the receiver's secrets that signed it
 */

export class Receiver {
	/** @type {Heard[]} */
	heard = [];
	/**
	 * What the next messages are answered; then 204. `late` is no answer.
	 * @type {(number | "late")[]}
	 */
	answers = [];
	/** Messages that came after a redirect. */
	followed = 0;
	/** Those of the webhook that were shown. @type {string[]} */
	secrets = [];
	connections = 0;
	#server;

	/** @param {import("./certificates.mjs").Issuer} issuer */
	constructor(issuer) {
		const { chain, key } = issuer.issue("localhost");
		this.#server = createServer({ cert: readFileSync(chain), key: readFileSync(key) }, (request, response) =>
			this.#takes(request, response),
		);
		this.#server.on("connection", () => (this.connections += 1));
	}

	/** @param {import("./certificates.mjs").Issuer} issuer */
	static async open(issuer) {
		const receiver = new Receiver(issuer);
		receiver.#server.listen(0);
		await once(receiver.#server, "listening");
		return receiver;
	}

	get url() {
		const address = this.#server.address();
		if (address === null || typeof address === "string") throw new Error("the receiver is closed");
		return `https://localhost:${address.port}/in`;
	}

	/** The types of what was heard, each message once. */
	get types() {
		const first = this.heard.filter(({ id }, at) => this.heard.findIndex((one) => one.id === id) === at);
		return first.map(({ type }) => type);
	}

	end() {
		this.#server.closeAllConnections();
		this.#server.close();
	}

	/**
	 * @param {import("node:http").IncomingMessage} request
	 * @param {import("node:http").ServerResponse} response
	 */
	async #takes(request, response) {
		const pieces = [];
		for await (const piece of request) pieces.push(piece);
		const body = Buffer.concat(pieces).toString();
		const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
		const keys = this.secrets.filter((secret) => isBy(secret, body, headers)).length;
		if (request.url === ELSEWHERE) this.followed += 1;
		const { type, data } = JSON.parse(body);
		this.heard.push({ id: headers["webhook-id"], type, data, keys });
		const answer = this.answers.shift() ?? 204;
		if (answer === "late") return;
		response.writeHead(answer, answer >= 300 && answer < 400 ? { location: ELSEWHERE } : {}).end();
	}
}

/** Whether the reference library takes a message for one that this secret signed. */
function isBy(secret, body, headers) {
	try {
		new Webhook(secret).verify(body, headers);
		return true;
	} catch {
		return false;
	}
}
