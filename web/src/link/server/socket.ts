// The one WebSocket of a page: opened, kept alive, replaced. It knows connections, not sessions:
// the caller handles the messages.

import type {
	FirstOffer,
	FromPage,
	Moment,
	PageId,
	PageSays,
	Seat,
	SessionHears,
	SessionId,
	ToPage,
} from "../../wire/generated";
import { CLOSE_FLOOD, CLOSE_VERSION } from "../../wire/generated";

export type Attached = Extract<SessionHears, { type: "attached" }>;

/** The part of a WebSocket that is used; a test gives its own. */
export type Wire = Pick<WebSocket, "readyState" | "send" | "close" | "onopen" | "onmessage" | "onclose">;

export interface SocketOptions {
	session: SessionId;
	page: PageId;
	seat: Seat;
	make: () => Wire;
	/** Milliseconds of a clock that never goes back. */
	clock: () => number;
	random: () => number;
	/** The offer that waits; it goes out with the first message of a connection. */
	offer(): FirstOffer | null;
	/** How the call ran lately, if it is time to say so. */
	moments(): Moment[] | null;
	attached(answer: Attached): void;
	/** Receives every other message. */
	heard(message: ToPage): void;
	/** The server's clock when it sent the message that just came, `age_ms` ago at most. */
	serverTime(now_ms: number, age_ms: number): void;
	/** Not attached (any more); the next try is at `retry_at` of the clock. */
	detached(retry_at: number): void;
	/** The server speaks another version. */
	otherVersion(): void;
	/** Several connections in a row closed before they opened: the cookie may be the reason. */
	handshakesFailed(): void;
	/** How long a connection serves before it is replaced; API Gateway ends each after 2 h. */
	rotate_ms?: number;
}

/** One WebSocket and how far it is. */
interface Connection {
	wire: Wire;
	begun_at: number;
	attached: boolean;
	/** `attach` went out on it: the server may take it for the page's only connection. */
	known: boolean;
	/** When something was asked that has no answer yet. */
	asked_at: number | null;
	/** The shortest time until an answer, milliseconds. */
	trip_ms: number;
	timer: ReturnType<typeof setTimeout> | undefined;
}

export class Socket {
	readonly #options: SocketOptions;
	/** The connection in use. */
	#current: Connection | null = null;
	/** The connection that will replace it. */
	#next: Connection | null = null;
	#retry: ReturnType<typeof setTimeout> | undefined;
	#rotation: ReturnType<typeof setTimeout> | undefined;
	#ping: ReturnType<typeof setTimeout> | undefined;
	#deadline: { at: number; timer: ReturnType<typeof setTimeout> } | null = null;
	/** When a successor is opened if nothing is heard until then. */
	#doubt: ReturnType<typeof setTimeout> | undefined;
	/** The successor was opened because the current connection was silent. */
	#doubted = false;
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

	/** Sends a message; false when there is no attached connection. */
	say(says: PageSays): boolean {
		if (this.#current === null || !this.#current.attached) return false;
		return this.#send(this.#current, says);
	}

	/**
	 * Asks for a sign of life within 2 s, or tries to connect at once. Where an answer is overdue,
	 * a successor is opened meanwhile: the device may have another address.
	 */
	probe(): void {
		if (this.#stopped) return;
		const connection = this.#current;
		if (connection === null) this.retryNow();
		else if (connection.attached) {
			this.#expectLife(PROBE_MS);
			clearTimeout(this.#doubt);
			// All pages of a relay may ask at once.
			const least_ms = DOUBT_MS * (1 + this.#options.random() / 2);
			const due_ms = Math.max(least_ms, DOUBT_TRIPS * connection.trip_ms);
			this.#doubt = setTimeout(() => this.#rotate(true), due_ms);
		} else if (this.#options.clock() - connection.begun_at > STALE_MS) {
			// It began on a network that may be gone: a new connection is quicker than its time
			// limit.
			this.#drop(connection);
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
		const connection = this.#current;
		if (connection === null || !connection.attached) return;
		connection.attached = false;
		this.#attach(connection);
	}

	/** Closes and does not come back by itself; `start` opens it again. */
	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#retry);
		this.#retry = undefined;
		this.#stopTimers();
		for (const connection of [this.#current, this.#next]) if (connection !== null) this.#drop(connection, 1000);
		this.#current = null;
		this.#next = null;
	}

	#connect(): void {
		this.#stopped = false;
		this.#current = this.#open((connection) => this.#lost(connection));
	}

	#open(fails: (connection: Connection) => void): Connection {
		const { make, heard, clock } = this.#options;
		const now = clock();
		const connection: Connection = {
			wire: make(),
			begun_at: now,
			attached: false,
			known: false,
			asked_at: now,
			trip_ms: Number.POSITIVE_INFINITY,
			timer: undefined,
		};
		let open = false;
		const fail = (): void => {
			this.#drop(connection);
			fails(connection);
		};
		connection.timer = setTimeout(fail, OPEN_MS);
		connection.wire.onopen = () => {
			open = true;
			this.#answered(connection);
			this.#unopened = 0;
			this.#attach(connection, fail);
		};
		connection.wire.onmessage = ({ data }) => {
			const message = parse(data);
			if (message === null) return;
			const age_ms = clock() - (connection.asked_at ?? connection.begun_at);
			if (message.topic === "session" && ANSWERS.has(message.type)) this.#answered(connection);
			if (connection === this.#current) {
				this.#alive();
				this.#dismiss();
			}
			if (message.topic === "session" && message.type === "attached") this.#markAttached(connection, message, age_ms);
			// The server announces a close whose code the gateway cannot carry. The close itself is
			// ignored then.
			else if (message.topic === "session" && message.type === "closing") closed(message.code);
			// The server may tell a connection that is being replaced that the page moved: to its
			// own successor.
			else if (message.topic !== "session" || message.type !== "moved" || connection === this.#current) {
				if (message.topic === "session" && message.type === "pong") this.#options.serverTime(message.now_ms, age_ms);
				heard(message);
			}
		};
		const closed = (code: number): void => {
			this.#drop(connection);
			if (!open) this.#unopened += 1;
			if (code === CLOSE_VERSION) {
				this.stop();
				this.#options.otherVersion();
				return;
			}
			if (code === CLOSE_FLOOD) {
				this.#tries = Math.max(this.#tries, FLOOD_TRIES);
				// Attaching again at once would be more of the same.
				connection.known = false;
			}
			fails(connection);
			if (this.#unopened >= UNOPENED_MAX) {
				this.#unopened = 0;
				this.#options.handshakesFailed();
			}
		};
		connection.wire.onclose = ({ code }) => closed(code);
		return connection;
	}

	#attach(connection: Connection, fail = () => this.#lost(connection)): void {
		clearTimeout(connection.timer);
		connection.timer = setTimeout(() => {
			this.#drop(connection);
			fail();
		}, OPEN_MS);
		const offer = this.#options.offer();
		connection.known = true;
		this.#asks(connection);
		this.#send(connection, { topic: "session", type: "attach", seat: this.#options.seat, ...(offer && { offer }) });
	}

	#markAttached(connection: Connection, message: Attached & ToPage, age_ms: number): void {
		const used = connection === this.#current || connection === this.#next;
		if (connection.attached || !used) return;
		clearTimeout(connection.timer);
		connection.attached = true;
		if (connection === this.#next) {
			const before = this.#current;
			this.#current = connection;
			this.#next = null;
			// Messages that are under way on the old one may still arrive.
			if (before !== null) setTimeout(() => this.#drop(before, 1000), LINGER_MS);
		}
		this.#tries = 0;
		this.#stopTimers();
		this.#schedule();
		this.#options.serverTime(message.now_ms, age_ms);
		this.#options.attached(message);
	}

	#schedule(): void {
		this.#schedulePing();
		const rotate = this.#options.rotate_ms ?? ROTATE_MS;
		this.#rotation = setTimeout(() => this.#rotate(), rotate * (0.95 + this.#options.random() * 0.1));
	}

	/**
	 * Messages of the server do not postpone it: it counts a page as lost that only listens.
	 */
	#schedulePing(): void {
		this.#ping = setTimeout(() => {
			this.#schedulePing();
			this.#expectLife(PONG_MS);
		}, PING_MS);
	}

	/**
	 * Opens the successor before it closes the current connection, so that no message is missed.
	 */
	#rotate(doubted = false): void {
		if (this.#current === null || this.#next !== null) return;
		if (!doubted) clearTimeout(this.#rotation);
		this.#doubted = doubted;
		this.#next = this.#open((connection) => {
			if (this.#current === connection) {
				this.#lost(connection);
				return;
			}
			if (this.#next === connection) this.#forgo(connection);
		});
	}

	/** Without a successor for now. */
	#forgo(successor: Connection): void {
		this.#next = null;
		if (!this.#doubted) this.#rotation = setTimeout(() => this.#rotate(), ROTATE_AGAIN_MS);
		if (successor.known) this.attachAgain();
	}

	/**
	 * The current connection lives after all: a successor that the server does not know is not
	 * needed.
	 */
	#dismiss(): void {
		const next = this.#next;
		if (!this.#doubted || next === null || next.known) return;
		this.#drop(next);
		this.#forgo(next);
	}

	#expectLife(limit_ms: number): void {
		const connection = this.#current;
		if (connection === null || !connection.attached) return;
		const at = this.#options.clock() + limit_ms;
		if (this.#deadline !== null && this.#deadline.at <= at) return;
		if (this.#deadline !== null) clearTimeout(this.#deadline.timer);
		const moments = this.#options.moments();
		this.#asks(connection);
		this.#send(connection, { topic: "session", type: "ping", ...(moments && { moments }) });
		const timer = setTimeout(() => {
			this.#deadline = null;
			// A dead connection can take minutes to close: it is dropped at once.
			this.#drop(connection);
			this.#lost(connection);
		}, limit_ms);
		this.#deadline = { at, timer };
	}

	#asks(connection: Connection): void {
		connection.asked_at ??= this.#options.clock();
	}

	#answered(connection: Connection): void {
		if (connection.asked_at === null) return;
		connection.trip_ms = Math.min(connection.trip_ms, this.#options.clock() - connection.asked_at);
		connection.asked_at = null;
	}

	/** Any message is a sign of life. */
	#alive(): void {
		if (this.#deadline !== null) clearTimeout(this.#deadline.timer);
		this.#deadline = null;
		clearTimeout(this.#doubt);
	}

	#lost(connection: Connection): void {
		if (this.#current !== connection || this.#stopped) return;
		this.#current = null;
		this.#stopTimers();
		const next = this.#next;
		this.#next = null;
		if (next !== null && (next.known || this.#options.clock() - next.begun_at <= STALE_MS)) this.#current = next;
		// It began on the network that is gone: another one is quicker than its time limit.
		else if (next !== null) this.#drop(next);
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
		this.#alive();
	}

	#send(connection: Connection, says: PageSays): boolean {
		if (connection.wire.readyState !== OPEN) return false;
		const { session, page } = this.#options;
		const message = { session, page, ...says } as FromPage;
		connection.wire.send(JSON.stringify(message));
		return true;
	}

	#drop(connection: Connection, code?: number): void {
		clearTimeout(connection.timer);
		connection.wire.onopen = null;
		connection.wire.onmessage = null;
		connection.wire.onclose = null;
		connection.attached = false;
		try {
			connection.wire.close(code);
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
/** What comes because this page asked. */
const ANSWERS: ReadonlySet<ToPage["type"]> = new Set(["attached", "pong"]);
const OPEN_MS = 5_000;
/** A handshake takes less on most links. */
const STALE_MS = 1_500;
const PING_MS = 25_000;
const PONG_MS = 5_000;
const PROBE_MS = 2_000;
/** An answer is overdue after this time, and after as many times the shortest one so far. */
const DOUBT_MS = 300;
const DOUBT_TRIPS = 3;
const RETRY_MS = 300;
const RETRY_MAX_MS = 5_000;
/** A flooding page reconnects after the longest wait. */
const FLOOD_TRIES = 6;
const UNOPENED_MAX = 3;
const ROTATE_MS = 110 * 60_000;
const ROTATE_AGAIN_MS = 60_000;
const LINGER_MS = 1_000;
