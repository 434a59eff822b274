// What the person's devices give: put on the wire, told to the server when it changes, and started
// again after a reload.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Body } from "../../session/outbox";
import type { Seat } from "../../wire/generated";
import type { Devices } from "../call";
import type { Memory } from "../server/memory";
import type { World } from "../world";
import type { Peer } from "./peer";

export interface OwnMediaOptions {
	seat: Seat;
	devices: Devices;
	world: Pick<World, "granted" | "upright">;
	peer: Pick<Peer, "setTracks">;
	ending: ReadonlySignal<boolean>;
	/** The call is ending or over: nothing may light up any more. */
	isLeaving(): boolean;
	command(body: Body): void;
}

/** What this page sends. */
export interface MediaState {
	microphone: boolean;
	camera: boolean;
}

export class OwnMedia {
	readonly state: ReadonlySignal<MediaState>;

	readonly #options: OwnMediaOptions;
	readonly #muted = signal(false);
	/** What the server was told last; null before the page requests its seat. */
	#told: MediaState | null = null;
	/** What a reload starts again. */
	#restoring: MediaState | null = null;
	/** The copy that is sent for a camera whose frames are turned. */
	readonly #upright = signal<{ camera: MediaStreamTrack; copy: MediaStreamTrack } | null>(null);
	readonly #unwatch: readonly (() => void)[];

	constructor(options: OwnMediaOptions) {
		this.#options = options;
		const { devices, ending } = options;
		this.state = computed(() => ({
			microphone: devices.microphone.value !== null && !this.#muted.value,
			camera: devices.camera.value !== null,
		}));
		this.#unwatch = [
			effect(() => this.#sendTracks()),
			effect(() => {
				const camera = devices.camera.value?.getVideoTracks()[0];
				if (camera === undefined) return;
				return options.world.upright?.(camera, (copy) => {
					this.#upright.value = { camera, copy };
				});
			}),
			effect(() => {
				if (!ending.value && this.state.value) this.#tell();
			}),
		];
	}

	/**
	 * The page requests its seat with this state; the server receives later changes as commands.
	 */
	begin(): MediaState {
		this.#told = this.state.peek();
		return this.#told;
	}

	/**
	 * After a reload in the middle of a call, what was on goes on. Devices for which the browser
	 * would ask stay off: that needs a tap.
	 */
	async restore(was: Memory): Promise<void> {
		const { devices, world, isLeaving } = this.#options;
		if (!was.joined) return;
		this.#told = { microphone: was.microphone, camera: was.camera };
		if (isLeaving()) return;
		const wanted = { microphone: was.microphone, camera: was.camera };
		this.#restoring = wanted;
		const [camera, microphone] = await Promise.all([world.granted("camera"), world.granted("microphone")]);
		if (!isLeaving()) {
			await Promise.all([
				wanted.camera && camera && devices.startCamera(),
				wanted.microphone && microphone && devices.startMicrophone(),
			]);
		}
		this.#restoring = null;
		this.#tell();
	}

	/** Writes down what a reload has to restore. */
	remember(memory: Memory): void {
		if (this.#told !== null && this.#restoring === null) Object.assign(memory, this.#told);
	}

	async setMicrophone(on: boolean): Promise<boolean> {
		if (this.#options.isLeaving()) return !on;
		if (!on) {
			this.#muted.value = true;
			return true;
		}
		const started = await this.#options.devices.startMicrophone();
		if (started) this.#muted.value = false;
		return started;
	}

	async setCamera(on: boolean): Promise<boolean> {
		const { devices, isLeaving } = this.#options;
		if (isLeaving()) return !on;
		if (on) return devices.startCamera();
		if (this.#restoring !== null) this.#restoring.camera = false;
		devices.stopCamera();
		return true;
	}

	close(): void {
		for (const unwatch of this.#unwatch) unwatch();
	}

	#sendTracks(): void {
		const { seat, devices, peer } = this.#options;
		const audio = devices.microphone.value?.getAudioTracks()[0] ?? null;
		const camera = devices.camera.value?.getVideoTracks()[0] ?? null;
		const upright = this.#upright.value;
		const video = upright !== null && upright.camera === camera ? upright.copy : camera;
		if (audio !== null) audio.enabled = !this.#muted.value;
		// What is shown to an agent is mostly small print; a face is mostly movement.
		if (video !== null && "contentHint" in video) video.contentHint = seat === "customer" ? "detail" : "motion";
		peer.setTracks({ audio, video });
	}

	#tell(): void {
		const { isLeaving, command } = this.#options;
		const is = this.state.peek();
		// `end` must not wait behind the news that its devices are off. If it is refused, the news
		// follows.
		if (isLeaving() || this.#told === null || this.#restoring !== null) return;
		if (this.#told.microphone === is.microphone && this.#told.camera === is.camera) return;
		this.#told = is;
		command({ topic: "session", type: "media", ...is });
	}
}
