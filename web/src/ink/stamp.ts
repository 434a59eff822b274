// The stamp in sent pictures: server time of the capture, in the customer's time zone, and what is
// not from the call's camera.

import type { PictureSource } from "../wire/generated";

/** The time, and where a picture comes from that no camera of the call took. */
export function stampOf(source: PictureSource, at_ms: number, utc_offset_min: number | null): string {
	const time = stampText(at_ms, utc_offset_min);
	return source === "camera" ? time : `chosen from the gallery, received ${time}`;
}

/** `2026-11-22 14:05:09 +01:00`; UTC when the customer's time zone is unknown. */
export function stampText(at_ms: number, utc_offset_min: number | null): string {
	const ahead = utc_offset_min ?? 0;
	const there = new Date(at_ms + ahead * 60_000);
	const date = [there.getUTCFullYear(), there.getUTCMonth() + 1, there.getUTCDate()].map(two).join("-");
	const time = [there.getUTCHours(), there.getUTCMinutes(), there.getUTCSeconds()].map(two).join(":");
	const off = Math.abs(ahead);
	return `${date} ${time} ${ahead < 0 ? "-" : "+"}${two(Math.floor(off / 60))}:${two(off % 60)}`;
}

function two(number: number): string {
	return `${number}`.padStart(2, "0");
}
