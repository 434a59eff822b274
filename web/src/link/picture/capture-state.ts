// How the base of the open board is coming, in the words of the contract. Pure.

import type { PictureView } from "../../session/view";
import type { Seat } from "../../wire/generated";
import type { BaseState } from "./pictures";
import type { CaptureState } from "./contract";

export interface CaptureFacts {
	seat: Seat;
	picture: PictureView;
	/** Of this page, once it is kept. */
	base: BaseState | undefined;
	/** Of this page's upload. */
	progress: number | null;
	/**
	 * When that upload last moved, server time; null where the picture is not this page's to take.
	 */
	moved_at_ms: number | null;
	/** Server time. */
	now_ms: number;
	/** The customer's page is in the background. */
	paused: boolean;
	/** The customer's page is not connected. */
	away: boolean;
	/** This page has a frame to go on with. */
	frame: boolean;
}

export function captureState(facts: CaptureFacts): CaptureState {
	const { seat, picture, base, progress, moved_at_ms, now_ms, paused, away, frame } = facts;
	if (picture.base !== null) {
		if (base?.state === "ready") return { state: "there" };
		if (base?.state === "unloadable") return { state: "unloadable" };
		return { state: "coming", progress: null };
	}
	const late = now_ms >= lateAt(picture, moved_at_ms);
	const canGoOn = seat === "agent" && frame;
	if (picture.failed !== null) return { state: "failed", why: picture.failed, canGoOn };
	if (!late) return { state: "coming", progress };
	if (paused) return { state: "failed", why: "paused", canGoOn };
	return { state: "failed", why: away ? "away" : "late", canGoOn };
}

/**
 * When it has failed, unless it comes, server time. An upload that moves is slow and no failure:
 * the page that makes it knows that. The other one does not, and offers what can be done meanwhile.
 */
export function lateAt(picture: PictureView, moved_at_ms: number | null): number {
	return Math.max(picture.asked_at_ms, moved_at_ms ?? 0) + FAIL_MS;
}

const FAIL_MS = 8_000;
