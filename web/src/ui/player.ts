// Plays the other person's sound and picture in one element that outlives the screens around it.
// Browsers let an element play sound later if a tap started it, so the tap on Join starts it before
// there is anything to play.

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { ending } from "./ending";

export interface Player {
	readonly element: HTMLVideoElement;
	/** The browser refused to play sound until "Tap to hear" is tapped. */
	readonly blocked: ReadonlySignal<boolean>;
	/** Allows sound from then on; only works during a tap. */
	hear(): void;
	/** Plays a stream and its successors. Returns a function that stops. */
	follow(stream: ReadonlySignal<MediaStream | null>): () => void;
	/** Continues after the element was moved in the document, which pauses it. */
	resume(): void;
}

/** While `silent`, only the picture plays. */
export function createPlayer(silent: ReadonlySignal<boolean>): Player {
	const element = document.createElement("video");
	element.playsInline = true;
	element.autoplay = true;
	const blocked = signal(false);

	const playMuted = (error: unknown): void => {
		if (!(error instanceof DOMException) || error.name !== "NotAllowedError" || element.muted) return;
		blocked.value = true;
		element.muted = true;
		element.play().catch(() => undefined);
	};

	const play = (): void => {
		if (element.srcObject === null) return;
		element.play().catch(playMuted);
	};

	// A phone call or a switch between apps pauses the element and does not resume it.
	const continuePlaying = (): void => {
		if (element.paused && element.isConnected && document.visibilityState === "visible") play();
	};
	element.addEventListener("pause", () => setTimeout(continuePlaying, PAUSED_MS));
	document.addEventListener("visibilitychange", continuePlaying);

	return {
		element,
		blocked,
		hear() {
			element.muted = silent.peek() || ending.peek();
			blocked.value = false;
			if (element.srcObject === null) element.srcObject = new MediaStream();
			play();
		},
		follow(stream) {
			return effect(() => {
				element.muted = silent.value || ending.value || blocked.peek();
				const next = stream.value;
				if (next !== null && element.srcObject !== next) element.srcObject = next;
				play();
			});
		},
		resume: play,
	};
}

/** Wait between two tries, while the system keeps pausing it. */
const PAUSED_MS = 500;
