// What the person's devices give: put on the wire, told to the server when it changes, and started
// again after a reload.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Body } from "../../session/outbox";
import type { Seat } from "../../wire/generated";
import type { Devices } from "../call";
import type { Memory } from "../server/memory";
import type { Peer } from "./peer";
import type { World } from "../world";

export interface TellingOptions {
	seat: Seat;
	devices: Devices;
	world: World;
	peer: Peer;
	ending: ReadonlySignal<boolean>;
	/** Nothing may light up any more. */
	leaving(): boolean;
	tell(body: Body): void;
}

interface Media {
	microphone: boolean;
	camera: boolean;
}

export interface Telling {
	readonly media: ReadonlySignal<Media>;
	/** The seat is asked for with these; what changes from here on is told. */
	begin(): Media;
	/**
	 * After a reload in the middle of a call what was on goes on, unless the browser would ask:
	 * that needs a tap.
	 */
	restore(was: Memory): Promise<void>;
	/** Writes down what a reload has to restore. */
	remember(memory: Memory): void;
	setMicrophone(on: boolean): Promise<boolean>;
	setCamera(on: boolean): Promise<boolean>;
	close(): void;
}

export function createTelling({ seat, devices, world, peer, ending, leaving, tell }: TellingOptions): Telling {
	const muted = signal(false);
	/** Devices as the server was told last; null before the seat is asked for. */
	let told: Media | null = null;
	let restoring = false;

	const media = computed(() => ({
		microphone: devices.microphone.value !== null && !muted.value,
		camera: devices.camera.value !== null,
	}));

	const unwatchTracks = effect(() => {
		const audio = devices.microphone.value?.getAudioTracks()[0] ?? null;
		const video = devices.camera.value?.getVideoTracks()[0] ?? null;
		if (audio !== null) audio.enabled = !muted.value;
		// What is shown to an agent is mostly small print; a face is mostly movement.
		if (video !== null && "contentHint" in video) video.contentHint = seat === "customer" ? "detail" : "motion";
		peer.setTracks({ audio, video });
	});

	const unwatchMedia = effect(() => {
		if (!ending.value && media.value) tellMedia();
	});

	function tellMedia(): void {
		const is = media.peek();
		// `end` must not wait behind the news that its devices are off; refused, it lets them be
		// told.
		if (leaving() || told === null || restoring) return;
		if (told.microphone === is.microphone && told.camera === is.camera) return;
		told = is;
		tell({ topic: "session", type: "media", ...is });
	}

	return {
		media,
		begin() {
			told = media.peek();
			return told;
		},
		async restore(was) {
			if (!was.joined) return;
			told = { microphone: was.microphone, camera: was.camera };
			if (leaving()) return;
			restoring = true;
			const [camera, microphone] = await Promise.all([world.granted("camera"), world.granted("microphone")]);
			if (!leaving()) {
				await Promise.all([
					was.camera && camera && devices.startCamera(),
					was.microphone && microphone && devices.startMicrophone(),
				]);
			}
			restoring = false;
			tellMedia();
		},
		remember(memory) {
			if (told !== null && !restoring) Object.assign(memory, told);
		},
		async setMicrophone(on) {
			if (leaving()) return !on;
			if (!on) {
				muted.value = true;
				return true;
			}
			const started = await devices.startMicrophone();
			if (started) muted.value = false;
			return started;
		},
		async setCamera(on) {
			if (leaving()) return !on;
			if (on) return devices.startCamera();
			devices.stopCamera();
			return true;
		},
		close() {
			unwatchTracks();
			unwatchMedia();
		},
	};
}
