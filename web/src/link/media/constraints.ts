// What is requested from the browser when a device starts, from the most precise request to the
// loosest.

import type { Seat } from "../../wire/generated";
import type { DeviceTrouble } from "../call";

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
 * any camera.
 */
export function cameraTries(facing: Facing, device: string | null, size: PictureSize): MediaStreamConstraints[] {
	return [
		...(device === null ? [] : byDevice(device, size)),
		{ video: { ...size, facingMode: { exact: facing } } },
		{ video: { ...size, facingMode: { ideal: facing } } },
		{ video: true },
	];
}

export function byDevice(device: string, size: PictureSize): MediaStreamConstraints[] {
	return [{ video: { ...size, deviceId: { exact: device } } }];
}

export function microphoneTries(device: string | null): MediaStreamConstraints[] {
	return [
		...(device === null ? [] : [{ audio: { ...SOUND, deviceId: { exact: device } } }]),
		{ audio: SOUND },
		{ audio: true },
	];
}

/** The first stream that is granted. Only "no such device" leads on to the next try. */
export async function firstOf(media: BrowserMedia, tries: readonly MediaStreamConstraints[]): Promise<MediaStream> {
	let last: unknown = new DOMException("no device was requested", "NotFoundError");
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

/** The camera that faces the other way; failing that, any other one. */
export async function otherCamera(
	media: BrowserMedia,
	facing: Facing,
	device: string | null,
	size: PictureSize,
): Promise<MediaStream> {
	const tries: MediaStreamConstraints[] = [
		{ video: { ...size, facingMode: { exact: facing } } },
		{ video: { ...size, facingMode: { ideal: facing } } },
	];
	for (const constraints of tries) {
		try {
			const stream = await media.getUserMedia(constraints);
			// `ideal` may be answered with the very camera that was just left.
			const got = stream.getVideoTracks()[0]?.getSettings?.().deviceId;
			if (device === null || got === undefined || got !== device) return stream;
			stopTracks(stream);
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

/** The id of the camera that a stream comes from. */
export function cameraOf(stream: MediaStream): string | null {
	return stream.getVideoTracks()[0]?.getSettings?.().deviceId ?? null;
}

const HD: PictureSize = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const FULL_HD: PictureSize = { ...HD, width: { ideal: 1920 }, height: { ideal: 1080 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
