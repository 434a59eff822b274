// What is requested from the browser when a device starts, from the most precise request to the
// loosest.

import type { Seat } from "../../wire/generated";
import type { DeviceTrouble } from "../call";
import { nextRung, troubleAfter } from "./ladder";

/** What devices are requested from; a test gives its own. */
export type BrowserMedia = Pick<MediaDevices, "getUserMedia" | "enumerateDevices"> & Partial<EventTarget>;

export type Facing = "environment" | "user";
export type PictureSize = Pick<MediaTrackConstraints, "width" | "height" | "frameRate">;

/**
 * Stills are taken from the customer's camera at its full size; the encoder scales down what is
 * sent.
 */
export function pictureSize(seat: Seat): PictureSize {
	return seat === "customer" ? FULL_HD : HD;
}

/**
 * Tries for a camera that faces this way: `exact` first, because some phones answer `ideal` with
 * any camera. The whole picture first; a browser that cannot give it may resize.
 */
export function cameraTries(
	facing: Facing,
	device: string | null | undefined,
	size: PictureSize,
): MediaStreamConstraints[] {
	return [...byDevice(device, size), ...byFacing(facing, size), { video: true }];
}

export function byFacing(facing: Facing, size: PictureSize): MediaStreamConstraints[] {
	return [
		{ video: { ...size, ...WHOLE, facingMode: { exact: facing } } },
		{ video: { ...size, ...WHOLE, facingMode: { ideal: facing } } },
		{ video: { ...size, facingMode: { ideal: facing } } },
	];
}

export function byDevice(device: string | null | undefined, size: PictureSize): MediaStreamConstraints[] {
	const deviceId = { exact: device ?? "" };
	return device ? [{ video: { ...size, ...WHOLE, deviceId } }, { video: { ...size, deviceId } }] : [];
}

export function microphoneTries(device: string | null): MediaStreamConstraints[] {
	return [
		...(device === null ? [] : [{ audio: { ...SOUND, deviceId: { exact: device } } }]),
		{ audio: SOUND },
		{ audio: true },
	];
}

export interface Climb {
	media: BrowserMedia;
	requests: readonly MediaStreamConstraints[];
	/** The stream is another one than the page wants: it is stopped, and the next is requested. */
	unfit?: (stream: MediaStream) => boolean;
	/** The page still wants the device. */
	wanted(): boolean;
}

/** Requests until a stream is granted. Returns the trouble when none is. */
export async function climb({ media, requests, unfit, wanted }: Climb): Promise<MediaStream | DeviceTrouble> {
	const failures: DeviceTrouble[] = [];
	for (;;) {
		const rung = nextRung(requests, failures);
		if (rung === null) return troubleAfter(failures);
		if (rung.wait_ms > 0) await new Promise((resolve) => setTimeout(resolve, rung.wait_ms));
		if (!wanted()) return troubleAfter(failures);
		try {
			const stream = await media.getUserMedia(rung.constraints);
			if (isLive(stream) && !unfit?.(stream)) return stream;
			failures.push(isLive(stream) ? "absent" : "busy");
			stopTracks(stream);
		} catch (error) {
			failures.push(troubleOf(error));
		}
	}
}

export function troubleOf(error: unknown): DeviceTrouble {
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

export function isLive(stream: MediaStream | null): boolean {
	return stream?.getTracks()[0]?.readyState === "live";
}

export function stopTracks(stream: MediaStream): void {
	for (const track of stream.getTracks()) track.stop();
}

/** The id of the device that a stream comes from, if the browser tells. */
export function deviceOf(stream: MediaStream | null): string | undefined {
	return stream?.getTracks()[0]?.getSettings?.().deviceId;
}

/**
 * A browser that may resize cuts a picture of another shape to the requested one. As a mere wish it
 * gives way when the camera's own sizes are far from that.
 */
const WHOLE = { resizeMode: { exact: "none" } };
/** Without a highest frame rate, which would have to be reached by resizing. */
const RATE = { frameRate: { ideal: 30 } };
const HD: PictureSize = { ...RATE, width: { ideal: 1280 }, height: { ideal: 720 } };
const FULL_HD: PictureSize = { ...RATE, width: { ideal: 1920 }, height: { ideal: 1080 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
