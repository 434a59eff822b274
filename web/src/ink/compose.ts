// The picture as it is sent: base, strokes and time stamp, at full size.

import type { Initials } from "./colours";
import type { Size } from "./geometry";
import { type Paintable, paint } from "./paint";
import type { Paper } from "./paper";
import { paintStamp } from "./stamp";

/** A paper that takes an image, too. */
export type ImagePaper = Paper & Pick<CanvasRenderingContext2D, "drawImage">;

/**
 * Fills a paper of `size`: one pixel of the paper is one of the picture. `stamp` is what
 * `stampText` gave.
 */
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
