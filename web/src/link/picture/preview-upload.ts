// Uploads the frame that the agent sees as the base of a picture.

import type { Outcome, PreviewFrameOptions } from "./preview-frame";

/** `sending` hears how much of the picture's upload is done, 0 to 1. */
export async function uploadPreview(
	{ view, still: stillOf, darkroom, quality, delivery, tell, landed }: PreviewFrameOptions,
	sending: (picture: number, part: number) => void,
	signal: AbortSignal,
): Promise<Outcome> {
	const picture = view().board;
	const still = picture === null ? undefined : stillOf(picture);
	if (picture === null || still === undefined) return { why: "no_picture" };
	if (await darkroom.lies()) return "canvas_blocked";
	sending(picture, 0);
	const body = await darkroom.jpeg(still, quality).catch(() => null);
	if (body === null) return "upload_failed";
	return delivery.deliver({
		upload: { kind: "quick", picture },
		body,
		landed: () => landed(picture, still, body),
		tell: () => tell(picture),
		progress: (part) => sending(picture, part),
		signal,
	});
}
