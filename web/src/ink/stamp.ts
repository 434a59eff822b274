// The stamp in sent pictures: server time of the capture, in the customer's time zone, and what is
// not from the call's camera.

import type { Size } from "./geometry";
import type { PictureSource } from "../wire/generated";
import type { Paper } from "./paper";

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

/** Paints the stamp bottom left, white on a dark plate. */
export function paintStamp(paper: Paper, size: Size, text: string): void {
	// A letter is about 0.62 as wide as high: a long stamp on a narrow picture is smaller.
	const wide = size.width / ((text.length + 2) * 0.62);
	const height = Math.min(wide, Math.max(HEIGHT_LEAST, HEIGHT * Math.max(size.width, size.height)));
	const room = height * 0.4;
	paper.save();
	paper.font = `500 ${height}px ui-monospace, "SF Mono", Menlo, Consolas, monospace`;
	paper.textAlign = "left";
	paper.textBaseline = "middle";
	paper.direction = "ltr";
	paper.fillStyle = PLATE;
	const width = paper.measureText(text).width + 2 * room;
	const plate = height + 2 * room;
	paper.fillRect(room, size.height - room - plate, width, plate);
	paper.fillStyle = "#FFFFFF";
	paper.fillText(text, 2 * room, size.height - room - plate / 2);
	paper.restore();
}

function two(number: number): string {
	return `${number}`.padStart(2, "0");
}

/** A share of the picture's longer side. */
const HEIGHT = 0.022;
const HEIGHT_LEAST = 14;
const PLATE = "rgba(0, 0, 0, 0.62)";
