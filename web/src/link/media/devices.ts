// Camera and microphone of this page. Each is requested by itself: a refusal of one must not cost
// the other.

import { signal } from "@preact/signals";
import type { Seat } from "../../wire/generated";
import type { Devices } from "../call";
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
	const canFlip = signal(false);
	const hub: DeviceHub = { media, asking: signal(null), switching: false, taken: () => void count() };
	const camera = new Camera(hub, options.seat);
	const microphone = new Microphone(hub, options.meter ?? meterOf);
	let listening = false;

	function onVisible(): void {
		if (page?.visibilityState !== "visible") return;
		resumeAudio();
		void camera.restart();
		void microphone.restart();
	}

	/** A device that was missing may be there now. A device that runs is left alone. */
	function onPlugged(): void {
		if (page?.visibilityState === "hidden") return;
		void camera.restartIfLost();
		void microphone.restartIfLost();
	}

	/** Starts with the first stream: a page that never requests one leaves no listener behind. */
	function listen(): void {
		if (listening) return;
		listening = true;
		page?.addEventListener("visibilitychange", onVisible);
		media?.addEventListener?.("devicechange", onPlugged);
	}

	async function count(): Promise<void> {
		listen();
		canFlip.value = (await devicesOf(media)).filter((one) => one.kind === "videoinput").length > 1;
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
		canFlip,
		startCamera: () => camera.start(),
		startMicrophone: () => microphone.start(),
		stopCamera: () => camera.stop(),
		stopMicrophone: () => microphone.stop(),
		flip: () => camera.flip(),
		list: () => devicesOf(media),
		choose: (kind, deviceId) => (kind === "camera" ? camera : microphone).choose(deviceId),
		stopAll,
	};
}

async function devicesOf(media: BrowserMedia | null): Promise<MediaDeviceInfo[]> {
	try {
		return (await media?.enumerateDevices()) ?? [];
	} catch {
		return [];
	}
}
