// Uploads the frame that the agent sees as the base of a picture.

import type { Outcome, PreviewFrameOptions } from "./preview-frame";
import type { Still } from "./stills";

/** `sending` hears how much of the picture's upload is done, 0 to 1. */
export async function uploadPreview(
	{ darkroom, quality, delivery, tell, landed }: PreviewFrameOptions,
	{ picture, still }: { picture: number; still: Still },
	sending: (part: number) => void,
	signal: AbortSignal,
): Promise<Outcome> {
	if (await darkroom.lies()) return "canvas_blocked";
	sending(0);
	const body = await darkroom.jpeg(still, quality).catch(() => null);
	if (body === null) return "upload_failed";
	return delivery.deliver({
		upload: { kind: "quick", picture },
		body,
		landed: () => landed(picture, still, body),
		tell: () => tell(picture),
		progress: sending,
		signal,
	});
}
