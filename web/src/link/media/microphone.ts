// The own microphone and its loudness.

import { type ReadonlySignal, signal } from "@preact/signals";
import { isLive, microphoneTries } from "./constraints";
import { Device, type DeviceHub } from "./device";
import { type Meter, openAudio } from "./meter";

export class Microphone extends Device {
	/** Measured only while it is watched. */
	readonly level: ReadonlySignal<number>;
	readonly #makeMeter: (stream: MediaStream) => Meter | null;
	#meter: Meter | null = null;
	#opening: ReturnType<typeof setTimeout> | undefined;

	constructor(hub: DeviceHub, makeMeter: (stream: MediaStream) => Meter | null) {
		super("microphone", hub);
		this.#makeMeter = makeMeter;
		let reading: ReturnType<typeof setInterval> | undefined;
		const level = signal(0, {
			watched: () => {
				reading = setInterval(() => {
					level.value = this.#meter?.read() ?? 0;
				}, LEVEL_EVERY_MS);
			},
			unwatched: () => clearInterval(reading),
		});
		this.level = level;
	}

	protected tries(): MediaStreamConstraints[] {
		return microphoneTries(this.chosen.peek());
	}

	protected adopted(stream: MediaStream): void {
		this.#meter?.close();
		this.#meter = this.#makeMeter(stream);
	}

	protected override released(): void {
		clearTimeout(this.#opening);
		this.#meter?.close();
		this.#meter = null;
	}

	override async start(): Promise<boolean> {
		// Browsers take long for it: after the press, which still counts for a timer.
		if (!isLive(this.stream.peek())) this.#opening = setTimeout(openAudio);
		return super.start();
	}

	/** Null: the browser's own choice. */
	async choose(device: string | null): Promise<boolean> {
		const before = this.chosen.peek();
		this.chosen.value = device;
		if (this.stream.peek() === null || this.hub.media === null) return true;
		const requests = microphoneTries(device);
		return this.exchange({
			requests: device === null ? requests : requests.slice(0, 1),
			recover: async () => {
				this.chosen.value = before;
				// The old one was not stopped.
				if (isLive(this.stream.peek())) this.trouble.value = null;
				else this.fail("busy");
			},
		});
	}
}

const LEVEL_EVERY_MS = 100;
