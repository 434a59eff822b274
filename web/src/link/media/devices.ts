// Camera and microphone of this page. Each is asked for by itself: one refusal must not cost the
// other.

import { batch, signal } from "@preact/signals";
import type { Seat } from "../../wire/generated";
import type { Devices, DeviceTrouble } from "../call";

/** What a device is asked of; a test gives its own. */
export type Media = Pick<MediaDevices, "getUserMedia" | "enumerateDevices"> & Partial<EventTarget>;

export interface DevicesOptions {
	seat: Seat;
	/** `null`: this browser has none (not a secure page, or an app's own browser). */
	media?: Media | null;
	/** Where `visibilitychange` is heard. */
	page?: Pick<Document, "addEventListener" | "removeEventListener" | "visibilityState"> | undefined;
	/** Measures loudness; a test gives its own. */
	meter?: (stream: MediaStream) => Meter | null;
}

/** Loudness of one stream. */
export interface Meter {
	/** 0..1. */
	read(): number;
	close(): void;
}

export function createDevices(options: DevicesOptions): Devices {
	const media = options.media === undefined ? (navigator.mediaDevices ?? null) : options.media;
	const page = options.page ?? (typeof document === "undefined" ? undefined : document);
	const meterOf = options.meter ?? analyse;
	/**
	 * Stills are taken from the customer's camera at its full size; what is sent of it is scaled
	 * down by the encoder.
	 */
	const size = options.seat === "customer" ? FULL_HD : HD;

	const camera = signal<MediaStream | null>(null);
	const microphone = signal<MediaStream | null>(null);
	const cameraTrouble = signal<DeviceTrouble | null>(null);
	const microphoneTrouble = signal<DeviceTrouble | null>(null);
	const asking = signal<"camera" | "microphone" | null>(null);
	const facing = signal<"environment" | "user">(options.seat === "customer" ? "environment" : "user");
	const canFlip = signal(false);

	/** Bumped by every start and stop: an answer that comes after a later wish is not taken. */
	const wish = { camera: 0, microphone: 0 };
	/**
	 * Was granted and not stopped by the person: the page may take it again without a tap when the
	 * phone took it away.
	 */
	const held = { camera: false, microphone: false };
	const chosen: { camera: string | null; microphone: string | null } = { camera: null, microphone: null };
	let meter: Meter | null = null;
	let reading: ReturnType<typeof setInterval> | undefined;

	const level = signal(0, {
		watched: () => {
			reading = setInterval(() => {
				level.value = meter?.read() ?? 0;
			}, LEVEL_EVERY_MS);
		},
		unwatched: () => clearInterval(reading),
	});

	async function startCamera(): Promise<boolean> {
		if (live(camera.peek())) return true;
		return once("camera", () => start("camera", cameraTries(facing.peek(), chosen.camera, size)));
	}

	async function startMicrophone(): Promise<boolean> {
		if (live(microphone.peek())) return true;
		// Made inside the tap: browsers start a context made elsewhere as suspended.
		warmUp();
		return once("microphone", () => start("microphone", microphoneTries(chosen.microphone)));
	}

	const starting: Partial<Record<"camera" | "microphone", { mine: number; answer: Promise<boolean> }>> = {};

	/** A second tap while the first is being answered is the same wish. */
	async function once(kind: "camera" | "microphone", begin: () => Promise<boolean>): Promise<boolean> {
		const running = starting[kind];
		if (running !== undefined && running.mine === wish[kind]) return running.answer;
		const answer = begin();
		const entry = { mine: wish[kind], answer };
		starting[kind] = entry;
		return answer.finally(() => {
			if (starting[kind] === entry) delete starting[kind];
		});
	}

	/**
	 * Goes through the tries in turn. Only "no such device" leads on to the next one: a refusal is
	 * a refusal. `back` is what to do after one, where something can still be done.
	 */
	async function start(
		kind: "camera" | "microphone",
		tries: readonly MediaStreamConstraints[],
		back?: (mine: number) => Promise<void>,
	): Promise<boolean> {
		const trouble = kind === "camera" ? cameraTrouble : microphoneTrouble;
		const mine = ++wish[kind];
		if (media === null || typeof media.getUserMedia !== "function") {
			trouble.value = "unsupported";
			return false;
		}
		asking.value = kind;
		const answer = firstOf(media, tries);
		const settled = answer.then(
			(stream) => take(kind, mine, stream),
			async (error: unknown) => {
				if (wish[kind] !== mine) return false;
				if (back === undefined) failed(kind, troubleOf(error));
				else await back(mine);
				return false;
			},
		);
		const inTime = await Promise.race([settled, later(NO_ANSWER_MS)]);
		// Only this question's end closes the question: the other device may be asked for by now.
		if (asking.peek() === kind && wish[kind] === mine) asking.value = null;
		if (inTime !== null) return inTime;
		// The browser's question may still be open; a late yes is taken by `settled`.
		if (wish[kind] === mine) failed(kind, "no_answer");
		return false;
	}

	/**
	 * A stream that was let go for the sake of another shows nothing: the person is offered to
	 * switch it on again.
	 */
	function failed(kind: "camera" | "microphone", why: DeviceTrouble): void {
		const now = kind === "camera" ? camera : microphone;
		batch(() => {
			if (!live(now.peek())) now.value = null;
			(kind === "camera" ? cameraTrouble : microphoneTrouble).value = why;
		});
	}

	function take(kind: "camera" | "microphone", mine: number, stream: MediaStream): boolean {
		if (wish[kind] !== mine) {
			halt(stream);
			return false;
		}
		held[kind] = true;
		const track = stream.getTracks()[0];
		track?.addEventListener("ended", () => lostByPhone(kind, stream));
		batch(() => {
			if (kind === "camera") {
				const before = camera.peek();
				camera.value = stream;
				cameraTrouble.value = null;
				if (before !== null && before !== stream) halt(before);
				const looks = track?.getSettings?.().facingMode;
				if (looks === "environment" || looks === "user") facing.value = looks;
			} else {
				const before = microphone.peek();
				microphone.value = stream;
				microphoneTrouble.value = null;
				if (before !== null && before !== stream) halt(before);
				meter?.close();
				meter = meterOf(stream);
			}
		});
		void count();
		return true;
	}

	/** The phone took the device (a telephone call, another app), or it was unplugged. */
	function lostByPhone(kind: "camera" | "microphone", stream: MediaStream): void {
		const now = kind === "camera" ? camera : microphone;
		if (now.peek() !== stream || changing) return;
		batch(() => {
			now.value = null;
			(kind === "camera" ? cameraTrouble : microphoneTrouble).value = "busy";
		});
	}

	/** A camera was stopped for another one, which is on its way. */
	let changing = false;

	async function flip(): Promise<boolean> {
		const before = camera.peek();
		if (media === null || changing || before === null) return false;
		changing = true;
		const mine = ++wish.camera;
		const looked = facing.peek();
		const other = looked === "environment" ? "user" : "environment";
		const device = before.getVideoTracks()[0]?.getSettings?.().deviceId ?? null;
		// Many phones open one camera at a time: the old one must be stopped before the new one is
		// asked for.
		halt(before);
		try {
			const stream = await flipped(media, other, device, size);
			if (!take("camera", mine, stream)) return false;
			chosen.camera = null;
			// Where the track does not say how it looks, the wish is the best guess.
			if (stream.getVideoTracks()[0]?.getSettings?.().facingMode === undefined) facing.value = other;
			return true;
		} catch {
			await restore(media, mine, looked, device);
			return false;
		} finally {
			changing = false;
		}
	}

	async function restore(media: Media, mine: number, looked: "environment" | "user", device: string | null) {
		try {
			const tries = [...(device === null ? [] : byDevice(device, size)), ...cameraTries(looked, null, size)];
			take("camera", mine, await firstOf(media, tries));
		} catch (error) {
			if (wish.camera === mine) failed("camera", troubleOf(error));
		}
	}

	function stop(kind: "camera" | "microphone"): void {
		wish[kind] += 1;
		held[kind] = false;
		if (asking.peek() === kind) asking.value = null;
		const now = kind === "camera" ? camera : microphone;
		const stream = now.peek();
		batch(() => {
			now.value = null;
			(kind === "camera" ? cameraTrouble : microphoneTrouble).value = null;
		});
		if (stream !== null) halt(stream);
		if (kind === "microphone") {
			meter?.close();
			meter = null;
		}
	}

	function stopAll(): void {
		stop("camera");
		stop("microphone");
		page?.removeEventListener("visibilitychange", onVisible);
		media?.removeEventListener?.("devicechange", onPlugged);
		context?.close().catch(() => undefined);
		context = undefined;
		watching = false;
	}

	/** After a telephone call or an app switch a phone leaves tracks ended, or live and silent. */
	function onVisible(): void {
		if (page?.visibilityState !== "visible") return;
		void context?.resume().catch(() => undefined);
		void again("camera");
		void again("microphone");
	}

	/** What is there now may be what was missing. A device that runs is left alone. */
	function onPlugged(): void {
		if (page?.visibilityState === "hidden") return;
		if (!live(camera.peek())) void again("camera");
		if (!live(microphone.peek())) void again("microphone");
	}

	async function again(kind: "camera" | "microphone"): Promise<void> {
		if (!held[kind] || changing) return;
		const stream = (kind === "camera" ? camera : microphone).peek();
		const track = stream?.getTracks()[0];
		if (track !== undefined && track.readyState === "live") {
			if (!track.muted) return;
			await later(STILL_MUTED_MS);
			if (!track.muted || track.readyState !== "live" || !held[kind] || changing) return;
			// On iOS the camera must be let go before it is asked for.
			track.stop();
		}
		const tries =
			kind === "camera" ? cameraTries(facing.peek(), chosen.camera, size) : microphoneTries(chosen.microphone);
		// Two of these at once would take the device from each other.
		await once(kind, () => start(kind, tries));
	}

	let watching = false;
	/**
	 * Listens from the first device on, so that a page that never asks leaves no listener behind.
	 */
	function watch(): void {
		if (watching) return;
		watching = true;
		page?.addEventListener("visibilitychange", onVisible);
		media?.addEventListener?.("devicechange", onPlugged);
	}

	async function count(): Promise<void> {
		watch();
		const cameras = (await list()).filter((one) => one.kind === "videoinput");
		canFlip.value = cameras.length > 1;
	}

	async function list(): Promise<MediaDeviceInfo[]> {
		try {
			return (await media?.enumerateDevices()) ?? [];
		} catch {
			return [];
		}
	}

	async function choose(kind: "camera" | "microphone", deviceId: string): Promise<boolean> {
		const before = { stream: (kind === "camera" ? camera : microphone).peek(), chosen: chosen[kind] };
		chosen[kind] = deviceId;
		if (before.stream === null || media === null) return true;
		if (kind === "microphone") {
			return start(kind, microphoneTries(deviceId), async () => {
				chosen.microphone = before.chosen;
				// The old one was not stopped.
				if (live(microphone.peek())) microphoneTrouble.value = null;
				else failed("microphone", "busy");
			});
		}
		const looked = facing.peek();
		const device = before.stream.getVideoTracks()[0]?.getSettings?.().deviceId ?? null;
		halt(before.stream);
		changing = true;
		return start(kind, cameraTries(looked, deviceId, size), async (mine) => {
			chosen.camera = before.chosen;
			await restore(media, mine, looked, device);
		}).finally(() => {
			changing = false;
		});
	}

	return {
		camera,
		microphone,
		level,
		cameraTrouble,
		microphoneTrouble,
		asking,
		facing,
		canFlip,
		startCamera,
		startMicrophone,
		stopCamera: () => stop("camera"),
		stopMicrophone: () => stop("microphone"),
		flip,
		list,
		choose,
		stopAll,
	};
}

/**
 * Tries for a camera that looks this way: exact first, since `ideal` alone lets some phones answer
 * with any camera.
 */
function cameraTries(looks: "environment" | "user", device: string | null, size: Size): MediaStreamConstraints[] {
	return [
		...(device === null ? [] : byDevice(device, size)),
		{ video: { ...size, facingMode: { exact: looks } } },
		{ video: { ...size, facingMode: { ideal: looks } } },
		{ video: true },
	];
}

function byDevice(device: string, size: Size): MediaStreamConstraints[] {
	return [{ video: { ...size, deviceId: { exact: device } } }];
}

function microphoneTries(device: string | null): MediaStreamConstraints[] {
	return [
		...(device === null ? [] : [{ audio: { ...SOUND, deviceId: { exact: device } } }]),
		{ audio: SOUND },
		{ audio: true },
	];
}

async function firstOf(media: Media, tries: readonly MediaStreamConstraints[]): Promise<MediaStream> {
	let last: unknown = new DOMException("no device was asked for", "NotFoundError");
	for (const constraints of tries) {
		try {
			return await media.getUserMedia(constraints);
		} catch (error) {
			last = error;
			if (troubleOf(error) !== "absent") throw error;
		}
	}
	throw last;
}

/** The camera that looks the other way; failing that, any other one. */
async function flipped(
	media: Media,
	other: "environment" | "user",
	device: string | null,
	size: Size,
): Promise<MediaStream> {
	const tries: MediaStreamConstraints[] = [
		{ video: { ...size, facingMode: { exact: other } } },
		{ video: { ...size, facingMode: { ideal: other } } },
	];
	for (const constraints of tries) {
		try {
			const stream = await media.getUserMedia(constraints);
			// `ideal` may be answered with the very camera that was just left.
			const got = stream.getVideoTracks()[0]?.getSettings?.().deviceId;
			if (device === null || got === undefined || got !== device) return stream;
			halt(stream);
		} catch (error) {
			if (troubleOf(error) === "denied") throw error;
		}
	}
	const cameras = (await media.enumerateDevices()).filter((one) => one.kind === "videoinput");
	const at = cameras.findIndex((one) => one.deviceId === device);
	const next = cameras[(at + 1) % Math.max(cameras.length, 1)];
	if (next === undefined || next.deviceId === "" || next.deviceId === device) {
		throw new DOMException("there is no other camera", "NotFoundError");
	}
	return firstOf(media, byDevice(next.deviceId, size));
}

function troubleOf(error: unknown): DeviceTrouble {
	switch (error instanceof Error || error instanceof DOMException ? error.name : "") {
		case "NotAllowedError":
		case "SecurityError":
			return "denied";
		case "NotFoundError":
		case "OverconstrainedError":
			return "absent";
		case "TypeError":
			return "unsupported";
		default:
			return "busy";
	}
}

function live(stream: MediaStream | null): boolean {
	return stream?.getTracks()[0]?.readyState === "live";
}

function halt(stream: MediaStream): void {
	for (const track of stream.getTracks()) track.stop();
}

function later(ms: number): Promise<null> {
	return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}

/** One for the page: browsers allow only a few. */
let context: AudioContext | undefined;

function warmUp(): void {
	if (typeof AudioContext === "undefined") return;
	context ??= new AudioContext();
	void context.resume().catch(() => undefined);
}

function analyse(stream: MediaStream): Meter | null {
	if (context === undefined) return null;
	const source = context.createMediaStreamSource(stream);
	const analyser = context.createAnalyser();
	analyser.fftSize = 512;
	source.connect(analyser);
	const samples = new Uint8Array(analyser.fftSize);
	return {
		read() {
			analyser.getByteTimeDomainData(samples);
			let sum = 0;
			for (const sample of samples) sum += ((sample - 128) / 128) ** 2;
			// Speech at arm's length has an RMS near 0.1; four times that fills the bar.
			return Math.min(1, Math.sqrt(sum / samples.length) * 4);
		},
		close: () => source.disconnect(),
	};
}

type Size = Pick<MediaTrackConstraints, "width" | "height" | "frameRate">;

const HD: Size = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const FULL_HD: Size = { ...HD, width: { ideal: 1920 }, height: { ideal: 1080 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const NO_ANSWER_MS = 8_000;
const STILL_MUTED_MS = 1_000;
const LEVEL_EVERY_MS = 100;
