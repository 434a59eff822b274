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
		return microphoneTries(this.chosen);
	}

	protected adopted(stream: MediaStream): void {
		this.#meter?.close();
		this.#meter = this.#makeMeter(stream);
	}

	protected override released(): void {
		this.#meter?.close();
		this.#meter = null;
	}

	override async start(): Promise<boolean> {
		if (!isLive(this.stream.peek())) openAudio();
		return super.start();
	}

	async choose(device: string): Promise<boolean> {
		const before = this.chosen;
		this.chosen = device;
		if (this.stream.peek() === null || this.hub.media === null) return true;
		return this.request(async () => {
			this.chosen = before;
			// The old one was not stopped.
			if (isLive(this.stream.peek())) this.trouble.value = null;
			else this.fail("busy");
		});
	}
}

const LEVEL_EVERY_MS = 100;
