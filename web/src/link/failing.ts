// How the base of the open board is coming, in the words of the contract. Pure.

import type { PictureView } from "../session/view";
import type { Seat } from "../wire/generated";
import type { Base } from "./pictures";
import type { CaptureState } from "./shared";

export interface Coming {
	seat: Seat;
	picture: PictureView;
	/** Of this page, once it is kept. */
	base: Base | undefined;
	/** Of this page's upload. */
	progress: number | null;
	/** Server time. */
	now_ms: number;
	/** The customer's page is in the background. */
	paused: boolean;
	/** The customer's page is not connected. */
	away: boolean;
	/** This page has a frame to go on with. */
	frame: boolean;
}

export function captureState({ seat, picture, base, progress, now_ms, paused, away, frame }: Coming): CaptureState {
	if (picture.base !== null) {
		if (base?.state === "ready") return { state: "there" };
		if (base?.state === "unloadable") return { state: "unloadable" };
		return { state: "coming", progress: null };
	}
	const late = now_ms >= picture.asked_at_ms + FAIL_MS;
	const canGoOn = seat === "agent" && frame;
	if (picture.failed !== null) return { state: "failed", why: picture.failed, canGoOn };
	if (!late) return { state: "coming", progress };
	return { state: "failed", why: paused ? "paused" : away ? "away" : "late", canGoOn };
}

/** After the asking, server time. */
export const FAIL_MS = 8_000;
