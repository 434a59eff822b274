// This page's place at the server: its memory over reloads, its socket, the server's clock.

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { FirstOffer, Moment, PageSays, Seat, SessionId, ToPage } from "../../wire/generated";
import type { Stop } from "../call";
import type { World } from "../world";
import { type Claim, claim, type Memory } from "./memory";
import { Reach } from "./reach";
import { type Attached, Socket } from "./socket";

export interface AttachmentOptions {
	session: SessionId;
	seat: Seat;
	world: World;
	/** The offer that waits for a connection. */
	offer(): FirstOffer | null;
	/** How the call ran lately, if it is time to say so. */
	moments(): Moment[] | null;
	attached(answer: Attached): void;
	heard(message: ToPage): void;
	detached(): void;
	/** The page cannot go on by itself. */
	halt(stop: Stop): void;
}

/** Since when the page is not attached, and when the next try is, of the world's clock. */
export interface Unattached {
	since: number;
	retry_at: number;
}

export class Attachment {
	readonly #options: AttachmentOptions;
	readonly #unattached: Signal<Unattached | null>;
	readonly #clockOffset: Signal<number>;
	/** The server has told its time. */
	#clock_told = false;
	readonly #reach: Reach;
	#claim: Claim | null = null;
	#socket: Socket | null = null;
	#closed = false;

	constructor(options: AttachmentOptions) {
		this.#options = options;
		const now = options.world.clock();
		this.#clockOffset = signal(options.world.epoch_ms);
		this.#unattached = signal({ since: now, retry_at: now });
		const { session, seat, world, halt } = options;
		this.#reach = new Reach({
			clock: world.clock,
			unattachedSince: () => (this.#closed ? null : (this.#unattached.peek()?.since ?? null)),
			ask: () => world.seatState(session, seat),
			tryNow: () => this.#socket?.retryNow(),
			gone: () => halt({ why: "no_seat" }),
		});
	}

	/** Null while the page is attached. */
	get unattached(): ReadonlySignal<Unattached | null> {
		return this.#unattached;
	}

	/** Server clock minus page clock, milliseconds; until the server has told, the device's. */
	get clockOffset(): ReadonlySignal<number> {
		return this.#clockOffset;
	}

	/** The server answers requests, and no socket to it opens. */
	get blocked(): ReadonlySignal<boolean> {
		return this.#reach.blocked;
	}

	/** Null before it is claimed, and after the close. */
	get memory(): Memory | null {
		return this.#claim?.memory ?? null;
	}

	get isOpen(): boolean {
		return this.#socket?.attached === true;
	}

	/** Claims the tab's memory of the session; null when the page was closed meanwhile. */
	async claim(): Promise<Memory | null> {
		const { session, world } = this.#options;
		const claimed = await claim(session, world.store, world.locks);
		if (this.#closed) {
			claimed.release();
			return null;
		}
		this.#claim = claimed;
		return claimed.memory;
	}

	connect(): void {
		const { session, seat, world, offer, moments, attached, heard } = this.#options;
		const memory = this.memory;
		if (memory === null) return;
		this.#socket = new Socket({
			session,
			page: memory.page,
			seat,
			make: () => world.connect(memory.page),
			clock: world.clock,
			random: world.random,
			offer,
			moments,
			attached,
			heard,
			serverTime: (now_ms, age_ms) => this.#setClock(now_ms, age_ms),
			detached: (retry_at) => this.#detached(retry_at),
			otherVersion: () => this.#otherVersion(),
			handshakesFailed: () => void this.#reach.ask(),
		});
		this.#socket.start();
	}

	/** The server answered `attach`. */
	markAttached(): void {
		batch(() => {
			this.#unattached.value = null;
			this.#reach.startAgain();
		});
	}

	/** Called now and then: finds out why the page has not been attached for a while. */
	look(): void {
		if (this.#socket !== null) this.#reach.look();
	}

	/** The page is in front again, or online: what failed before may work. */
	startAgain(): void {
		this.#reach.startAgain();
		this.probe();
	}

	/** Sends over the socket. Returns false without one. */
	say(says: PageSays): boolean {
		return this.#socket?.say(says) ?? false;
	}

	/** Asks for a sign of life, or tries to connect at once. */
	probe(): void {
		this.#socket?.probe();
	}

	/** The server has forgotten this connection. */
	attachAgain(): void {
		this.#socket?.attachAgain();
	}

	/** Changes the memory and stores it. */
	remember(change: (memory: Memory) => void): void {
		if (this.#claim === null) return;
		change(this.#claim.memory);
		this.#claim.save();
	}

	/** The call is over: nothing is left in the browser. */
	forget(): void {
		this.#claim?.forget();
	}

	close(): void {
		this.#closed = true;
		this.#socket?.stop();
		this.#claim?.release();
		this.#claim = null;
	}

	/**
	 * Samples are delayed by network latency, so the largest offset is kept: a countdown may end
	 * slightly late, never early. A step back, which no latency explains, means that the server's
	 * clock was set.
	 */
	#setClock(now_ms: number, age_ms: number): void {
		const sample = now_ms - this.#options.world.clock();
		const back = sample + age_ms < this.#clockOffset.peek() - CLOCK_STEP_MS;
		if (!this.#clock_told || back || sample > this.#clockOffset.peek()) this.#clockOffset.value = sample;
		this.#clock_told = true;
	}

	#detached(retry_at: number): void {
		this.#options.detached();
		const since = this.#unattached.peek()?.since ?? this.#options.world.clock();
		this.#unattached.value = { since, retry_at };
	}

	#otherVersion(): void {
		if (!this.#options.world.reloadOnce()) this.#options.halt({ why: "version" });
	}
}

const CLOCK_STEP_MS = 2_000;
