// Whether the agent's background is blurred, where the camera offers it. The browser remembers the
// wish, and each camera that starts gets it.

import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { blurOf, setBlur } from "../../link/media/blur";
import { browser } from "../../ui/remember";
import { devices } from "../console";

const BLUR = "background-blur";

const shown = signal<boolean | null>(null);
/** Null while no camera runs that offers it. */
export const blurred: ReadonlySignal<boolean | null> = shown;

/** Returns whether it is so. */
export async function wishBlur(on: boolean): Promise<boolean> {
	const track = camera();
	const done = track !== null && (await setBlur(track, on));
	look(track);
	if (done) browser.remember(BLUR, on ? "on" : "off");
	return done;
}

export function followBlur(): void {
	effect(() => {
		const track = devices.camera.value?.getVideoTracks()[0] ?? null;
		if (track === null) {
			shown.value = null;
			return;
		}
		const changed = (): void => look(track);
		untracked(() => void begin(track));
		// The system has a switch of its own.
		track.addEventListener("configurationchange", changed);
		return () => track.removeEventListener("configurationchange", changed);
	});
}

async function begin(track: MediaStreamTrack): Promise<void> {
	const wish = browser.recall(BLUR);
	if (wish !== null && blurOf(track) === (wish === "off")) await setBlur(track, wish === "on");
	look(track);
}

function look(track: MediaStreamTrack | null): void {
	if (track !== null && track === camera()) shown.value = blurOf(track);
}

function camera(): MediaStreamTrack | null {
	return devices.camera.peek()?.getVideoTracks()[0] ?? null;
}
