// Paints the stamp of a sent picture.

import type { Size } from "./geometry";
import type { Paper } from "./paper";

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

/** A share of the picture's longer side. */
const HEIGHT = 0.022;
const HEIGHT_LEAST = 14;
const PLATE = "rgba(0, 0, 0, 0.62)";
