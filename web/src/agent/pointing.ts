// The agent's pointer on live video: follows the mouse, or a finger while it is down.

import { isOn, toPicture } from "../ink/geometry";
import type { Shared } from "../link/picture/contract";
import { placementOf } from "../ui/pointer";

/** Listens until the returned function is called. */
export function pointsOn(stage: HTMLElement, video: HTMLVideoElement, shared: Shared): () => void {
	let shown = false;
	const point = (event: PointerEvent): void => {
		// Controls over the video are not pointed at.
		const over =
			event.target instanceof Element &&
			event.target.closest("button, a, .banner, .board, .own-tile, .own-microphone") !== null;
		const at = shared.board.peek() === null && video.videoWidth > 0 && !over ? place(event, video) : null;
		if (at === null && !shown) return;
		shown = at !== null;
		shared.point("live", at);
	};
	const leave = (): void => {
		if (shown) shared.point("live", null);
		shown = false;
	};
	const lift = (event: PointerEvent): void => {
		if (event.pointerType === "touch") leave();
	};
	const on: readonly [string, (event: PointerEvent) => void][] = [
		["pointerdown", point],
		["pointermove", point],
		["pointerup", lift],
		["pointercancel", leave],
		["pointerleave", leave],
	];
	for (const [name, listener] of on) stage.addEventListener(name, listener as EventListener);
	return () => {
		for (const [name, listener] of on) stage.removeEventListener(name, listener as EventListener);
		leave();
	};
}

function place(event: PointerEvent, video: HTMLVideoElement) {
	const { left, top } = video.getBoundingClientRect();
	const spot = { x: event.clientX - left, y: event.clientY - top };
	const picture = { width: video.videoWidth, height: video.videoHeight };
	const placement = placementOf(video);
	return isOn(placement, picture, spot) ? toPicture(placement, picture, spot) : null;
}
