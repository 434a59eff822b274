// A page as an independent client, without a browser: attaches, sends numbered commands one at a
// time until each is answered, follows the log, reconnects. It notes what a server must never do.

import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { setTimeout as pause } from "node:timers/promises";
import WebSocket from "ws";
import { ignored, Turns } from "./turns.mjs";

/** Longest wait for an answer before the page reconnects. */
const ANSWER_MS = 3_000;
/** Longest message to a page (API Gateway's limit, see wire/README.md). */
const MESSAGE_BYTES_MAX = 128 * 1024;
const SUBPROTOCOL = "sightline.1";
/** Refusals after which the same command is sent again. */
const AGAIN = new Set(["trouble", "busy", "not_attached", "too_often"]);

/**
 * @typedef {{ seq: number, at_ms: number, type: string, [field: string]: any }} Event
 * @typedef {{ n: number, head: number, refused?: { why: string } }} Done
 */

export class Page {
	/** Events in order, without gaps. @type {Event[]} */
	log = [];
	/** The newest answer to `attach`. @type {any} */
	attached = null;
	/** What the server did that it must never do. @type {string[]} */
	wrongs = [];
	/** Refusals that led to another try. @type {{ why: string, at: number }[]} */
	tries = [];
	#base;
	#cookie;
	#session;
	#id = randomBytes(16).toString("base64url");
	/** @type {WebSocket | null} */
	#socket = null;
	#n = 0;
	#turns = new Turns();
	/** @type {Set<(message: any) => void>} */
	#listeners = new Set();
	#closed = false;
	#paused = false;

	/**
	 * @param {string} base
	 * @param {string} cookie
	 * @param {string} session
	 * @param {"agent" | "customer"} seat
	 */
	constructor(base, cookie, session, seat) {
		this.#base = base;
		this.#cookie = cookie;
		this.#session = session;
		this.seat = seat;
		void this.#keepConnected();
	}

	get head() {
		return this.log.at(-1)?.seq ?? 0;
	}

	get base() {
		return this.#base;
	}

	/** Whether the page is attached on an open socket. */
	get here() {
		return this.#socket?.readyState === WebSocket.OPEN && this.attached !== null;
	}

	/**
	 * Sends a numbered command until it is answered, after those before it.
	 * @param {object} says topic, type and fields
	 * @returns {Promise<Done>}
	 */
	command(says) {
		return this.#turns.take(() => this.#command(says));
	}

	/**
	 * Sends a message without a number until an answer comes.
	 * @param {object} says
	 * @param {(message: any) => boolean} answers
	 */
	async question(says, answers) {
		for (;;) {
			this.#checkOpen();
			const answer = await this.#ask(says, answers).catch(() => null);
			if (answer !== null) return answer;
			await pause(50);
		}
	}

	/** Stops in the middle of everything, as a suspended machine does. */
	freeze() {
		this.#paused = true;
		this.#socket?.pause();
	}

	thaw() {
		this.#paused = false;
		this.#socket?.resume();
	}

	close() {
		this.#closed = true;
		this.#socket?.terminate();
	}

	async #command(says) {
		this.#n += 1;
		const n = this.#n;
		for (;;) {
			this.#checkOpen();
			const done = await this.#ask({ ...says, n }, (heard) => heard.type === "done" && heard.n === n).catch(() => null);
			if (done !== null && !AGAIN.has(done.refused?.why)) return done;
			if (done !== null) this.tries.push({ why: done.refused.why, at: performance.now() });
			await pause(done === null ? 20 : 100);
		}
	}

	#checkOpen() {
		if (this.#closed) throw new Error("the page was closed");
	}

	/** Sends once and waits for an answer on the same socket. */
	#ask(says, answers) {
		const socket = this.#socket;
		if (!this.here || this.#paused || socket === null) return Promise.reject(new Error("not attached"));
		const answered = this.#heard(socket, answers);
		this.#send(socket, says);
		return answered;
	}

	/** Waits for a message on this socket. Without one in time the page gives the socket up. */
	#heard(socket, wanted) {
		return new Promise((resolve, reject) => {
			const end = (settle, value) => {
				clearTimeout(timer);
				this.#listeners.delete(listener);
				socket.off("close", closed);
				settle(value);
			};
			const listener = (message) => wanted(message) && end(resolve, message);
			const closed = () => end(reject, new Error("closed"));
			const late = () => {
				// A suspended page's clock stands still.
				if (this.#paused) {
					timer = setTimeout(late, ANSWER_MS);
					return;
				}
				socket.terminate();
			};
			let timer = setTimeout(late, ANSWER_MS);
			this.#listeners.add(listener);
			socket.once("close", closed);
		});
	}

	#send(socket, says) {
		socket.send(JSON.stringify({ session: this.#session, page: this.#id, ...says }));
	}

	async #keepConnected() {
		while (!this.#closed) {
			if (!this.#paused) await this.#connection().catch(ignored);
			await pause(50);
		}
	}

	/** Lives as long as one socket. */
	async #connection() {
		const socket = new WebSocket(`${this.#base.replace("http", "ws")}/ws`, SUBPROTOCOL, {
			headers: { Origin: this.#base, Cookie: this.#cookie },
			handshakeTimeout: ANSWER_MS,
		});
		socket.on("error", ignored);
		const closed = new Promise((resolve) => socket.once("close", resolve));
		socket.on("message", (bytes) => this.#hear(socket, String(bytes)));
		await new Promise((resolve, reject) => {
			socket.once("open", resolve);
			socket.once("close", reject);
		});
		this.#socket = socket;
		this.attached = null;
		try {
			const known = this.head;
			const attached = this.#heard(socket, (heard) => heard.type === "attached");
			this.#send(socket, { topic: "session", type: "attach", seat: this.seat });
			this.attached = await attached;
			if (this.attached.head < known) this.wrongs.push(`the head went back from ${known} to ${this.attached.head}`);
			this.#resume(socket);
		} catch {
			socket.terminate();
		}
		await closed;
		if (this.#socket === socket) this.#socket = null;
	}

	#resume(socket) {
		this.#send(socket, { topic: "session", type: "resume", after: this.head });
	}

	#hear(socket, text) {
		if (text.length > MESSAGE_BYTES_MAX) this.wrongs.push(`a message of ${text.length} bytes`);
		const message = JSON.parse(text);
		if (message.session !== undefined && message.session !== this.#session)
			this.wrongs.push("a message of another session");
		if (message.type === "events") this.#follow(socket, message);
		for (const listener of [...this.#listeners]) listener(message);
	}

	#follow(socket, { events, more }) {
		let gap = false;
		for (const event of events) {
			const known = this.log[event.seq - 1];
			if (known !== undefined) {
				if (!isDeepStrictEqual(known, event)) this.wrongs.push(`event ${event.seq} changed`);
			} else if (event.seq === this.head + 1) this.log.push(event);
			else gap = true;
		}
		if (gap || more) this.#resume(socket);
	}
}
