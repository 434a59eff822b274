// The picture as it is sent: base, strokes and time stamp at full size.

import type { Initials } from "./colours";
import type { Size } from "./geometry";
import { type Paintable, paint } from "./paint";
import type { Paper } from "./paper";
import { paintStamp } from "./paint-stamp";

/** A paper that images can be drawn on. */
export type ImagePaper = Paper & Pick<CanvasRenderingContext2D, "drawImage">;

/** Fills a paper of `size`, one pixel to a pixel of the picture. `stamp` comes from `stampText`. */
export function composeOnto(
	paper: ImagePaper,
	base: CanvasImageSource,
	size: Size,
	strokes: readonly Paintable[],
	who: Initials,
	stamp: string,
): void {
	paper.drawImage(base, 0, 0, size.width, size.height);
	paint(paper, strokes, { scale: 1, x: 0, y: 0 }, size, who);
	paintStamp(paper, size, stamp);
}
