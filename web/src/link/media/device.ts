// One device of this page, a camera or a microphone: requested, taken, lost, taken back, stopped.

import { batch, type Signal, signal } from "@preact/signals";
import type { DeviceTrouble } from "../call";
import { type BrowserMedia, climb, deviceOf, isLive, stopTracks } from "./constraints";

export type DeviceName = "camera" | "microphone";

/** What both devices of a page share. */
export interface DeviceHub {
	/** `null`: this browser has none. */
	readonly media: BrowserMedia | null;
	/** The device that the browser's open question is about. */
	readonly asking: Signal<DeviceName | null>;
	/** The page is in the background, where a phone gives no device. */
	hidden(): boolean;
	/** A stream was taken. */
	taken(): void;
	/** A device went away, and this stream of another one is used in its place. */
	replaced(stream: MediaStream): void;
	/** All devices of the browser. */
	list(): Promise<readonly MediaDeviceInfo[]>;
}

/** A change of what is requested; empty: what the device requests by itself. */
export interface Change {
	requests?: MediaStreamConstraints[];
	unfit?: (stream: MediaStream) => boolean;
	/** Called after a refusal, where something can still be done. */
	recover?: (wish: number) => Promise<void>;
}

export abstract class Device {
	readonly stream = signal<MediaStream | null>(null);
	readonly trouble = signal<DeviceTrouble | null>(null);
	/** The id of the device that the person chose; null for any. */
	readonly chosen = signal<string | null>(null);
	/**
	 * Another stream is on its way in place of the running one, which may have been stopped for it:
	 * that one is still shown, and nothing else restarts it.
	 */
	protected changing = false;
	protected readonly hub: DeviceHub;
	readonly #name: DeviceName;
	/** Counts starts and stops: an answer that comes after a later wish is not taken. */
	#wish = 0;
	/**
	 * Granted, and not stopped by the person: the page may take it again without a tap when the
	 * phone took it away.
	 */
	#granted = false;
	/** How often in a row the device went away soon after it was taken. */
	#losses = 0;
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
		this.changing = false;
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
		if (!this.#granted || this.changing) return;
		const stream = this.stream.peek();
		const track = stream?.getTracks()[0];
		if (stream === null || track?.readyState !== "live") return void (await this.#startOnce());
		if (!track.muted) return;
		await later(STILL_MUTED_MS);
		if (track.muted && this.stream.peek() === stream) await this.renew();
	}

	/** Restarts only a device that does not run. */
	async restartIfLost(): Promise<void> {
		if (!isLive(this.stream.peek())) await this.restart();
	}

	/** The browser's list of devices may lack the running one. */
	leftBehind(isGone: (id: string) => boolean): void {
		const stream = this.stream.peek();
		const id = deviceOf(stream);
		if (stream !== null && isLive(stream) && id !== undefined && isGone(id)) this.#lost(stream);
	}

	/** Requests the running device again, because it delivers nothing. */
	async renew(): Promise<void> {
		const stream = this.stream.peek();
		if (!this.#granted || this.changing || stream === null) return;
		// On iOS the camera must be stopped before it is requested again.
		stopTracks(stream);
		await this.exchange({});
	}

	/** Requests another stream in place of the running one. */
	protected async exchange(change: Change): Promise<boolean> {
		this.changing = true;
		const wish = this.#wish + 1;
		return this.#request(change).finally(() => {
			if (this.#wish === wish) this.changing = false;
		});
	}

	/** A second start while the first is being answered is the same wish. */
	async #startOnce(): Promise<boolean> {
		const running = this.#starting;
		if (running !== null && running.wish === this.#wish) return running.answer;
		const answer = this.#request({});
		const entry = { wish: this.#wish, answer };
		this.#starting = entry;
		return answer.finally(() => {
			if (this.#starting === entry) this.#starting = null;
		});
	}

	protected isWish(wish: number): boolean {
		return this.#wish === wish;
	}

	/** Requests the device, and gives up waiting for the browser's question after a while. */
	async #request({ requests = this.tries(), unfit, recover }: Change): Promise<boolean> {
		const { media, asking } = this.hub;
		this.#wish += 1;
		const wish = this.#wish;
		if (media === null || typeof media.getUserMedia !== "function") {
			this.trouble.value = "unsupported";
			return false;
		}
		asking.value = this.#name;
		const wanted = (): boolean => this.#wish === wish;
		const settled = climb({ media, requests, ...(unfit && { unfit }), wanted }).then(async (got) => {
			if (typeof got !== "string") return this.take(wish, got);
			if (!wanted()) return false;
			if (recover === undefined) this.fail(got);
			else await recover(wish);
			return false;
		});
		const inTime = await Promise.race([settled, later(NO_ANSWER_MS)]);
		// The other device may have been requested meanwhile: its question stays open.
		if (asking.peek() === this.#name && wanted()) asking.value = null;
		if (inTime !== null) return inTime;
		// The browser's question may still be open; `settled` takes a late yes.
		if (wanted()) this.fail("no_answer");
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
		this.changing = false;
	}

	protected take(wish: number, stream: MediaStream): boolean {
		if (this.#wish !== wish) {
			stopTracks(stream);
			return false;
		}
		this.#granted = true;
		this.changing = false;
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
		if (this.stream.peek() !== stream || this.changing) return;
		stopTracks(stream);
		batch(() => {
			this.stream.value = null;
			this.trouble.value = "busy";
		});
		if (!this.hub.hidden()) void this.#takeBack(deviceOf(stream));
	}

	/**
	 * Starts what is left in place of the lost device. When it keeps going away, the person is left
	 * to start it.
	 */
	async #takeBack(lost: string | undefined): Promise<void> {
		this.#losses += 1;
		setTimeout(() => {
			this.#losses -= 1;
		}, LOSSES_MS);
		if (this.#losses > LOSSES_MAX) return;
		await this.restart();
		const now = this.stream.peek();
		if (now !== null && isLive(now) && deviceOf(now) !== lost) this.hub.replaced(now);
	}
}

function later(ms: number): Promise<null> {
	return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}

const NO_ANSWER_MS = 8_000;
const STILL_MUTED_MS = 1_000;
const LOSSES_MS = 20_000;
const LOSSES_MAX = 3;
