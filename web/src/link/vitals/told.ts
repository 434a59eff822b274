// What a page tells the other one of itself over the channel `live`. It comes unchecked: this page
// is the first to validate it. Pure.

import { type Told, ZOOM_MAX } from "../../wire/generated";

const TYPE = '"type":"state"';

export function encodeTold(told: Told): string {
	return JSON.stringify(told);
}

/** Parses a message; null when it is another one, or invalid. */
export function decodeTold(text: string): Told | null {
	if (text.length > BYTES_MAX || !text.includes(TYPE)) return null;
	try {
		return checked(JSON.parse(text));
	} catch {
		return null;
	}
}

function checked(said: unknown): Told | null {
	if (typeof said !== "object" || said === null) return null;
	const { type, head, camera_fps, lost_percent, down_bps, stills, torch, zoom, saves } = said as Readonly<
		Record<string, unknown>
	>;
	if (type !== "state" || !isWhole(head)) return null;
	return {
		type,
		head,
		...(isWhole(camera_fps) && { camera_fps }),
		...(isWhole(lost_percent) && { lost_percent: Math.min(100, lost_percent) }),
		...(isWhole(down_bps) && { down_bps }),
		...(stills === true && { stills }),
		...(typeof torch === "boolean" && { torch }),
		...(isWhole(zoom) && { zoom: Math.min(ZOOM_MAX, zoom) }),
		...(saves === true && { saves }),
	};
}

function isWhole(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= U32_MAX;
}

const U32_MAX = 4_294_967_295;
const BYTES_MAX = 1_024;
