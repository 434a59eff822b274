// One device of this page, a camera or a microphone: requested, taken, lost, stopped.

import { batch, type Signal, signal } from "@preact/signals";
import type { DeviceTrouble } from "../call";
import { type BrowserMedia, firstOf, isLive, stopTracks, troubleOf } from "./constraints";

export type DeviceName = "camera" | "microphone";

/** What both devices of a page share. */
export interface DeviceHub {
	/** `null`: this browser has none. */
	readonly media: BrowserMedia | null;
	/** The device that the browser's open question is about. */
	readonly asking: Signal<DeviceName | null>;
	/** The camera was stopped for another one, which is on its way. */
	switching: boolean;
	/** A stream was taken. */
	taken(): void;
}

export abstract class Device {
	readonly stream = signal<MediaStream | null>(null);
	readonly trouble = signal<DeviceTrouble | null>(null);
	protected readonly hub: DeviceHub;
	/** The id of the device to use; null for any. */
	protected chosen: string | null = null;
	readonly #name: DeviceName;
	/** Counts starts and stops: an answer that comes after a later wish is not taken. */
	#wish = 0;
	/**
	 * Granted, and not stopped by the person: the page may take it again without a tap when the
	 * phone took it away.
	 */
	#granted = false;
	#starting: { wish: number; answer: Promise<boolean> } | null = null;

	constructor(name: DeviceName, hub: DeviceHub) {
		this.#name = name;
		this.hub = hub;
	}

	/** What to request, in turn. */
	protected abstract tries(): MediaStreamConstraints[];

	/** A new stream was taken, inside its batch. */
	protected abstract adopted(stream: MediaStream): void;

	/** The person stopped the device: gives back what else belongs to it. */
	protected released?(): void;

	async start(): Promise<boolean> {
		if (isLive(this.stream.peek())) return true;
		return this.#startOnce();
	}

	stop(): void {
		this.#wish += 1;
		this.#granted = false;
		const { asking } = this.hub;
		if (asking.peek() === this.#name) asking.value = null;
		const stream = this.stream.peek();
		batch(() => {
			this.stream.value = null;
			this.trouble.value = null;
		});
		if (stream !== null) stopTracks(stream);
		this.released?.();
	}

	/** After a telephone call or an app switch a phone leaves tracks ended, or live and silent. */
	async restart(): Promise<void> {
		if (!this.#granted || this.hub.switching) return;
		const track = this.stream.peek()?.getTracks()[0];
		if (track !== undefined && track.readyState === "live") {
			if (!track.muted) return;
			await later(STILL_MUTED_MS);
			if (!track.muted || track.readyState !== "live" || !this.#granted || this.hub.switching) return;
			// On iOS the camera must be stopped before it is requested again.
			track.stop();
		}
		await this.#startOnce();
	}

	/** Restarts only a device that does not run. */
	async restartIfLost(): Promise<void> {
		if (!isLive(this.stream.peek())) await this.restart();
	}

	/** A second start while the first is being answered is the same wish. */
	async #startOnce(): Promise<boolean> {
		const running = this.#starting;
		if (running !== null && running.wish === this.#wish) return running.answer;
		const answer = this.request();
		const entry = { wish: this.#wish, answer };
		this.#starting = entry;
		return answer.finally(() => {
			if (this.#starting === entry) this.#starting = null;
		});
	}

	protected newWish(): number {
		this.#wish += 1;
		return this.#wish;
	}

	protected isWish(wish: number): boolean {
		return this.#wish === wish;
	}

	/** Requests the device; `recover` handles a refusal where something can still be done. */
	protected async request(recover?: (wish: number) => Promise<void>): Promise<boolean> {
		const { media, asking } = this.hub;
		const wish = this.newWish();
		if (media === null || typeof media.getUserMedia !== "function") {
			this.trouble.value = "unsupported";
			return false;
		}
		asking.value = this.#name;
		const settled = firstOf(media, this.tries()).then(
			(stream) => this.take(wish, stream),
			async (error: unknown) => {
				if (this.#wish !== wish) return false;
				if (recover === undefined) this.fail(troubleOf(error));
				else await recover(wish);
				return false;
			},
		);
		const inTime = await Promise.race([settled, later(NO_ANSWER_MS)]);
		// The other device may have been requested meanwhile: its question stays open.
		if (asking.peek() === this.#name && this.#wish === wish) asking.value = null;
		if (inTime !== null) return inTime;
		// The browser's question may still be open; `settled` takes a late yes.
		if (this.#wish === wish) this.fail("no_answer");
		return false;
	}

	/**
	 * A stream that was stopped for the sake of another shows nothing: the person is offered to
	 * switch it on again.
	 */
	protected fail(why: DeviceTrouble): void {
		batch(() => {
			if (!isLive(this.stream.peek())) this.stream.value = null;
			this.trouble.value = why;
		});
	}

	protected take(wish: number, stream: MediaStream): boolean {
		if (this.#wish !== wish) {
			stopTracks(stream);
			return false;
		}
		this.#granted = true;
		stream.getTracks()[0]?.addEventListener("ended", () => this.#lost(stream));
		batch(() => {
			const before = this.stream.peek();
			this.stream.value = stream;
			this.trouble.value = null;
			if (before !== null && before !== stream) stopTracks(before);
			this.adopted(stream);
		});
		this.hub.taken();
		return true;
	}

	/** The phone took the device (a telephone call, another app), or it was unplugged. */
	#lost(stream: MediaStream): void {
		if (this.stream.peek() !== stream || this.hub.switching) return;
		batch(() => {
			this.stream.value = null;
			this.trouble.value = "busy";
		});
	}
}

function later(ms: number): Promise<null> {
	return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}

const NO_ANSWER_MS = 8_000;
const STILL_MUTED_MS = 1_000;
