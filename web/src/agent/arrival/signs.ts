// The signs that a customer has come: a sound, a notification, the tab's title.

import { w } from "../words";
import { notice, sound } from "./wishes";

/** Gives every sign that is wished for. Returns what takes them back. */
export function giveSigns(reference: string): () => void {
	// Opening the sound takes a browser long: not within the task that heard of it.
	if (sound.peek()) setTimeout(chime);
	const shown = notice.peek() && !document.hasFocus() ? notify(reference) : null;
	return () => shown?.close();
}

/** A notification says which call it is, and neither number nor name: others may see the screen. */
export function notify(reference: string): Notification | null {
	try {
		const shown = new Notification(w("arrived"), {
			body: reference,
			tag: reference,
			icon: "/favicon.svg",
			silent: true,
		});
		shown.onclick = () => {
			window.focus();
			shown.close();
		};
		return shown;
	} catch {
		// Chromium on a phone shows none from a page.
		return null;
	}
}

let context: AudioContext | undefined;

/** Two short notes, rising. Without a press on the page before it, browsers keep silent. */
export function chime(): void {
	if (typeof AudioContext === "undefined") return;
	context ??= new AudioContext();
	void context.resume().catch(() => undefined);
	void chimeFor(context, context.destination);
}

/** Resolves when both are over. */
export async function chimeFor(of: AudioContext, where: AudioNode): Promise<void> {
	await Promise.all(NOTES.map(([hertz, after_s]) => ring(of, where, hertz, of.currentTime + after_s)));
}

function ring(of: AudioContext, where: AudioNode, hertz: number, at: number): Promise<void> {
	const tone = new OscillatorNode(of, { frequency: hertz });
	const loudness = new GainNode(of, { gain: 0 });
	loudness.gain.setValueAtTime(0, at);
	loudness.gain.linearRampToValueAtTime(LOUD, at + RISE_S);
	loudness.gain.exponentialRampToValueAtTime(SILENT, at + LASTS_S);
	tone.connect(loudness).connect(where);
	tone.start(at);
	tone.stop(at + LASTS_S);
	return new Promise((resolve) => {
		tone.onended = () => resolve();
	});
}

const NOTES = [
	[659, 0],
	[880, 0.16],
] as const;
const LOUD = 0.2;
/** An exponential curve never reaches zero. */
const SILENT = 0.001;
const RISE_S = 0.02;
const LASTS_S = 0.5;
