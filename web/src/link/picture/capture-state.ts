// How the base of the open board is coming, in the words of the contract. Pure.

import type { PictureView } from "../../session/view";
import type { Seat } from "../../wire/generated";
import type { BaseState } from "./pictures";
import type { CaptureState } from "./contract";

export interface CaptureFacts {
	seat: Seat;
	picture: PictureView;
	/** How far this page is with the kept base. */
	base: BaseState | undefined;
	/** Progress of this page's upload. */
	progress: number | null;
	/** When that upload last moved, server time; null where this page does not take the picture. */
	moved_at_ms: number | null;
	/** Server time. */
	now_ms: number;
	/** The customer's page is in the background. */
	paused: boolean;
	/** The customer's page is not connected. */
	away: boolean;
	/** This page has a still that it can use instead. */
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
 * When a base that has not come counts as failed, server time. An upload that still moves is slow,
 * not failed: the page that uploads knows that. The other page does not, and offers what can be
 * done meanwhile.
 */
export function lateAt(picture: PictureView, moved_at_ms: number | null): number {
	return Math.max(picture.asked_at_ms, moved_at_ms ?? 0) + FAIL_MS;
}

const FAIL_MS = 8_000;
