// Camera and microphone of this page. Each is requested by itself: a refusal of one must not cost
// the other.

import { computed, signal } from "@preact/signals";
import type { Seat } from "../../wire/generated";
import type { Devices } from "../call";
import { onceLoaded } from "../once-loaded";
import { Camera } from "./camera";
import type { BrowserMedia } from "./constraints";
import type { DeviceHub } from "./device";
import { closeAudio, type Meter, meterOf, resumeAudio } from "./meter";
import { Microphone } from "./microphone";

export interface DevicesOptions {
	seat: Seat;
	/** `null`: this browser has none (not a secure page, or an app's own browser). */
	media?: BrowserMedia | null;
	/** Source of `visibilitychange`. */
	page?: Pick<Document, "addEventListener" | "removeEventListener" | "visibilityState"> | undefined;
	/** Measures loudness; a test gives its own. */
	meter?: (stream: MediaStream) => Meter | null;
}

export function createDevices(options: DevicesOptions): Devices {
	const media = options.media === undefined ? (navigator.mediaDevices ?? null) : options.media;
	const page = options.page ?? (typeof document === "undefined" ? undefined : document);
	const found = signal<readonly MediaDeviceInfo[]>([]);
	const replacement = signal<MediaStreamTrack | null>(null);
	const hub: DeviceHub = {
		media,
		asking: signal(null),
		hidden: () => page?.visibilityState === "hidden",
		taken: () => void compare().catch(() => undefined),
		replaced(stream) {
			replacement.value = stream.getTracks()[0] ?? null;
		},
		list,
	};
	const camera = new Camera(hub, options.seat);
	const microphone = new Microphone(hub, options.meter ?? meterOf);
	/** Every device that the browser has listed. It may not list all that it gives. */
	const seen = new Set<string>();
	let listening = false;
	let shown: HTMLVideoElement | null = null;
	let unwatch: (() => void) | undefined;

	async function list(): Promise<readonly MediaDeviceInfo[]> {
		listen();
		try {
			found.value = (await media?.enumerateDevices()) ?? [];
		} catch {
			// The list of before is better than none.
		}
		return found.peek();
	}

	async function watch(video: HTMLVideoElement): Promise<void> {
		const { watchCamera } = await loadWatch();
		if (shown === video) unwatch ??= watchCamera(camera, video, hub.hidden);
	}

	function onVisible(): void {
		if (hub.hidden()) return;
		resumeAudio();
		void camera.restart();
		void microphone.restart();
	}

	/** Some browsers leave the track of an unplugged device live. */
	async function compare(): Promise<void> {
		const now = new Set((await list()).map(({ deviceId }) => deviceId));
		for (const device of [camera, microphone]) device.leftBehind((id) => seen.has(id) && !now.has(id));
		for (const id of now) seen.add(id);
		const cameras = found.peek().filter((one) => one.kind === "videoinput");
		if (options.seat !== "customer" || cameras.length < 2) return;
		const { rearLenses } = await loadLenses();
		await camera.sorted(rearLenses(cameras));
	}

	/** A device that was missing may be there now. A device that runs is left alone. */
	async function onPlugged(): Promise<void> {
		void compare().catch(() => undefined);
		await list();
		if (hub.hidden()) return;
		void camera.restartIfLost();
		void microphone.restartIfLost();
	}

	/** A page that never asks for devices leaves no listener behind. */
	function listen(): void {
		if (listening) return;
		listening = true;
		page?.addEventListener("visibilitychange", onVisible);
		media?.addEventListener?.("devicechange", onPlugged);
	}

	function stopAll(): void {
		camera.stop();
		microphone.stop();
		page?.removeEventListener("visibilitychange", onVisible);
		media?.removeEventListener?.("devicechange", onPlugged);
		closeAudio();
		listening = false;
	}

	return {
		camera: camera.stream,
		microphone: microphone.stream,
		level: microphone.level,
		cameraTrouble: camera.trouble,
		microphoneTrouble: microphone.trouble,
		asking: hub.asking,
		facing: camera.facing,
		paused: camera.paused,
		shows(video) {
			shown = video;
			unwatch?.();
			unwatch = undefined;
			if (video !== null) watch(video).catch(() => undefined);
		},
		canFlip: computed(() => found.value.filter((one) => one.kind === "videoinput").length > 1),
		found,
		replacement,
		chosen: { camera: camera.chosen, microphone: microphone.chosen },
		startCamera: () => camera.start(),
		startMicrophone: () => microphone.start(),
		stopCamera: () => camera.stop(),
		stopMicrophone: () => microphone.stop(),
		flip: () => camera.flip(),
		lenses: camera.lenses,
		nextLens: () => camera.nextLens(),
		list,
		choose: (kind, device) => (kind === "camera" ? camera : microphone).choose(device),
		stopAll,
	};
}

/** Not needed before the camera runs. */
const loadLenses = onceLoaded(() => import("./lenses"));
const loadWatch = onceLoaded(() => import("./watched-camera"));
