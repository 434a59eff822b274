// The one WebSocket of a page: opened, kept alive, replaced. It knows connections, not sessions:
// what is said and heard is the caller's.

import type { FromPage, PageId, PageSays, Seat, SessionHears, SessionId, ToPage } from "../../wire/generated";
import { CLOSE_FLOOD, CLOSE_VERSION } from "../../wire/generated";

export type Attached = Extract<SessionHears, { type: "attached" }>;

/** What the socket is asked of; a test gives its own. */
export type Wire = Pick<WebSocket, "readyState" | "send" | "close" | "onopen" | "onmessage" | "onclose">;

export interface SocketOptions {
	session: SessionId;
	page: PageId;
	seat: Seat;
	make: () => Wire;
	/** Milliseconds of a clock that never goes back. */
	clock: () => number;
	random: () => number;
	attached(answer: Attached): void;
	/** Everything else that is heard. */
	heard(message: ToPage): void;
	/** The server's clock when it sent what was just heard. */
	serverTime(now_ms: number): void;
	/** Not attached (any more); the next try is at `retry_at` of the clock. */
	detached(retry_at: number): void;
	/** The server speaks another version. */
	otherVersion(): void;
	/** Closed again and again before it was open: the cookie may be the reason. */
	handshakesFailed(): void;
	/** How long a connection serves before it is replaced; API Gateway ends each after 2 h. */
	rotate_ms?: number;
}

/** One attempt at a connection. */
interface Attempt {
	wire: Wire;
	begun_at: number;
	attached: boolean;
	timer: ReturnType<typeof setTimeout> | undefined;
}

export class Socket {
	readonly #options: SocketOptions;
	/** The connection that is spoken on. */
	#current: Attempt | null = null;
	/** The one that is to replace it. */
	#next: Attempt | null = null;
	#retry: ReturnType<typeof setTimeout> | undefined;
	#rotation: ReturnType<typeof setTimeout> | undefined;
	#ping: ReturnType<typeof setTimeout> | undefined;
	#deadline: { at: number; timer: ReturnType<typeof setTimeout> } | null = null;
	#tries = 0;
	/** In a row, closed before open. */
	#unopened = 0;
	#stopped = false;

	constructor(options: SocketOptions) {
		this.#options = options;
	}

	get attached(): boolean {
		return this.#current?.attached === true;
	}

	start(): void {
		this.#connect();
	}

	/** Says something; false when there is no attached connection. */
	say(says: PageSays): boolean {
		if (this.#current === null || !this.#current.attached) return false;
		return this.#send(this.#current, says);
	}

	/** Asks for a sign of life within 2 s, or tries to connect at once. */
	probe(): void {
		if (this.#stopped) return;
		const attempt = this.#current;
		if (attempt === null) this.retryNow();
		else if (attempt.attached) this.#expectLife(PROBE_MS);
		else if (this.#options.clock() - attempt.begun_at > STALE_MS) {
			// Begun on a network that may be gone: a fresh one is quicker than its time limit.
			this.#drop(attempt);
			this.#connect();
		}
	}

	/** Tries at once where a countdown runs. */
	retryNow(): void {
		if (this.#stopped || this.#retry === undefined) return;
		clearTimeout(this.#retry);
		this.#retry = undefined;
		this.#tries = 0;
		this.#connect();
	}

	/** The server has forgotten this connection: attach again on it. */
	attachAgain(): void {
		const attempt = this.#current;
		if (attempt === null || !attempt.attached) return;
		attempt.attached = false;
		this.#attach(attempt);
	}

	/** Closes and does not come back by itself; `start` opens it again. */
	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#retry);
		this.#retry = undefined;
		this.#stopTimers();
		for (const attempt of [this.#current, this.#next]) if (attempt !== null) this.#drop(attempt, 1000);
		this.#current = null;
		this.#next = null;
	}

	#connect(): void {
		this.#stopped = false;
		this.#current = this.#open((attempt) => this.#lost(attempt));
	}

	#open(fails: (attempt: Attempt) => void): Attempt {
		const { make, heard, clock } = this.#options;
		const attempt: Attempt = { wire: make(), begun_at: clock(), attached: false, timer: undefined };
		let open = false;
		const fail = (): void => {
			this.#drop(attempt);
			fails(attempt);
		};
		attempt.timer = setTimeout(fail, OPEN_MS);
		attempt.wire.onopen = () => {
			open = true;
			this.#unopened = 0;
			this.#attach(attempt, fail);
		};
		attempt.wire.onmessage = ({ data }) => {
			const message = parse(data);
			if (message === null) return;
			if (attempt === this.#current) this.#alive();
			if (message.topic === "session" && message.type === "attached") this.#markAttached(attempt, message);
			// Said where the close itself cannot carry its code. That one is not heard any more.
			else if (message.topic === "session" && message.type === "closing") closed(message.code);
			// The server may tell a connection that is being replaced that the page moved: to its
			// own successor.
			else if (message.topic !== "session" || message.type !== "moved" || attempt === this.#current) {
				if (message.topic === "session" && message.type === "pong") this.#options.serverTime(message.now_ms);
				heard(message);
			}
		};
		const closed = (code: number): void => {
			this.#drop(attempt);
			if (!open) this.#unopened += 1;
			if (code === CLOSE_VERSION) {
				this.stop();
				this.#options.otherVersion();
				return;
			}
			if (code === CLOSE_FLOOD) this.#tries = Math.max(this.#tries, FLOOD_TRIES);
			fails(attempt);
			if (this.#unopened >= UNOPENED_MAX) {
				this.#unopened = 0;
				this.#options.handshakesFailed();
			}
		};
		attempt.wire.onclose = ({ code }) => closed(code);
		return attempt;
	}

	#attach(attempt: Attempt, fail = () => this.#lost(attempt)): void {
		clearTimeout(attempt.timer);
		attempt.timer = setTimeout(() => {
			this.#drop(attempt);
			fail();
		}, OPEN_MS);
		this.#send(attempt, { topic: "session", type: "attach", seat: this.#options.seat });
	}

	#markAttached(attempt: Attempt, message: Attached & ToPage): void {
		if (attempt.attached) return;
		clearTimeout(attempt.timer);
		attempt.attached = true;
		if (attempt === this.#next) {
			const before = this.#current;
			this.#current = attempt;
			this.#next = null;
			// What is still under way on the old one may arrive.
			if (before !== null) setTimeout(() => this.#drop(before, 1000), LINGER_MS);
		}
		this.#tries = 0;
		this.#stopTimers();
		this.#schedule();
		this.#options.serverTime(message.now_ms);
		this.#options.attached(message);
	}

	#schedule(): void {
		this.#ping = setTimeout(() => this.#expectLife(PONG_MS), PING_MS);
		const rotate = this.#options.rotate_ms ?? ROTATE_MS;
		this.#rotation = setTimeout(() => this.#rotate(), rotate * (0.95 + this.#options.random() * 0.1));
	}

	/** Opens the successor first, so that nothing is missed. */
	#rotate(): void {
		if (this.#current === null || this.#next !== null) return;
		this.#next = this.#open((attempt) => {
			if (this.#current === attempt) {
				this.#lost(attempt);
				return;
			}
			if (this.#next !== attempt) return;
			this.#next = null;
			this.#rotation = setTimeout(() => this.#rotate(), ROTATE_AGAIN_MS);
		});
	}

	#expectLife(limit_ms: number): void {
		const attempt = this.#current;
		if (attempt === null || !attempt.attached) return;
		const at = this.#options.clock() + limit_ms;
		if (this.#deadline !== null && this.#deadline.at <= at) return;
		if (this.#deadline !== null) clearTimeout(this.#deadline.timer);
		this.#send(attempt, { topic: "session", type: "ping" });
		const timer = setTimeout(() => {
			this.#deadline = null;
			// A dead connection's own close can take minutes: it is left behind, not waited for.
			this.#drop(attempt);
			this.#lost(attempt);
		}, limit_ms);
		this.#deadline = { at, timer };
	}

	/** Anything heard is a sign of life. */
	#alive(): void {
		if (this.#deadline !== null) clearTimeout(this.#deadline.timer);
		this.#deadline = null;
		if (this.#current?.attached !== true) return;
		clearTimeout(this.#ping);
		this.#ping = setTimeout(() => this.#expectLife(PONG_MS), PING_MS);
	}

	#lost(attempt: Attempt): void {
		if (this.#current !== attempt || this.#stopped) return;
		this.#current = null;
		this.#stopTimers();
		if (this.#next !== null) {
			// Its successor is on its way already.
			this.#current = this.#next;
			this.#next = null;
		}
		const wait = this.#current !== null || this.#tries === 0 ? 0 : this.#backoff(this.#tries);
		this.#options.detached(this.#options.clock() + wait);
		if (this.#current !== null) return;
		this.#tries += 1;
		clearTimeout(this.#retry);
		this.#retry = setTimeout(() => {
			this.#retry = undefined;
			this.#connect();
		}, wait);
	}

	/** Full jitter under 0.3, 0.6, 1.2 … 5 s. */
	#backoff(tries: number): number {
		return this.#options.random() * Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (tries - 1));
	}

	#stopTimers(): void {
		clearTimeout(this.#ping);
		clearTimeout(this.#rotation);
		if (this.#deadline !== null) clearTimeout(this.#deadline.timer);
		this.#deadline = null;
	}

	#send(attempt: Attempt, says: PageSays): boolean {
		if (attempt.wire.readyState !== OPEN) return false;
		const { session, page } = this.#options;
		const message = { session, page, ...says } as FromPage;
		attempt.wire.send(JSON.stringify(message));
		return true;
	}

	#drop(attempt: Attempt, code?: number): void {
		clearTimeout(attempt.timer);
		attempt.wire.onopen = null;
		attempt.wire.onmessage = null;
		attempt.wire.onclose = null;
		attempt.attached = false;
		try {
			attempt.wire.close(code);
		} catch {
			// Closed already.
		}
	}
}

function parse(data: unknown): ToPage | null {
	if (typeof data !== "string") return null;
	try {
		const message: unknown = JSON.parse(data);
		return typeof message === "object" && message !== null && "topic" in message ? (message as ToPage) : null;
	} catch {
		return null;
	}
}

const OPEN = 1;
const OPEN_MS = 5_000;
/** An honest handshake is done by then on most links. */
const STALE_MS = 1_500;
const PING_MS = 25_000;
const PONG_MS = 5_000;
const PROBE_MS = 2_000;
const RETRY_MS = 300;
const RETRY_MAX_MS = 5_000;
/** A flooding page comes back at the longest pace. */
const FLOOD_TRIES = 6;
const UNOPENED_MAX = 3;
const ROTATE_MS = 110 * 60_000;
const ROTATE_AGAIN_MS = 60_000;
const LINGER_MS = 1_000;
