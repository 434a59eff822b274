// How the agent wants to hear of a customer who comes. The browser remembers it.

import { type Signal, signal } from "@preact/signals";
import { browser } from "../../ui/remember";

const SOUND = "arrival-sound";
const NOTICE = "arrival-notice";

/** A sound is played, unless it was switched off. */
export const sound: Signal<boolean> = signal(browser.recall(SOUND) !== "off");
/** The browser shows a notification. It asks before the first one. */
export const notice: Signal<boolean> = signal(browser.recall(NOTICE) === "on" && isAllowed());

/** Phones have none outside of an installed app. */
export const canNotify = "Notification" in globalThis;

export function isAllowed(): boolean {
	return "Notification" in globalThis && Notification.permission === "granted";
}

export function wishSound(on: boolean): void {
	sound.value = on;
	browser.remember(SOUND, on ? "on" : "off");
}

/** Called from a press: the browser may ask. Returns false if it does not allow it. */
export async function wishNotice(on: boolean): Promise<boolean> {
	const allowed = !on || isAllowed() || (await Notification.requestPermission()) === "granted";
	notice.value = on && allowed;
	browser.remember(NOTICE, notice.peek() ? "on" : "off");
	return allowed;
}
