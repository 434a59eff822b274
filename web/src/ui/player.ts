// Plays the other person's sound and picture in one element that outlives the screens around it. An
// element that was started in a tap may play sound later on, so the page starts it in the tap on
// Join, before there is anything to play.

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { ending } from "./ending";

export interface Player {
	readonly element: HTMLVideoElement;
	/** The browser refused sound: a tap on "Tap to hear" is needed. */
	readonly blocked: ReadonlySignal<boolean>;
	/** To be called in a tap: allows sound from then on. */
	hear(): void;
	/** Follows a stream. Gives a function that stops it. */
	follow(stream: ReadonlySignal<MediaStream | null>): () => void;
	/** After the element was moved in the document, which pauses it. */
	resume(): void;
}

/** `silent` plays the picture only. */
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

	// A telephone call or a switch between apps pauses it and does not start it again.
	const goOn = (): void => {
		if (element.paused && element.isConnected && document.visibilityState === "visible") play();
	};
	element.addEventListener("pause", () => setTimeout(goOn, PAUSED_MS));
	document.addEventListener("visibilitychange", goOn);

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

/** Between two tries, while the system keeps pausing it. */
const PAUSED_MS = 500;
