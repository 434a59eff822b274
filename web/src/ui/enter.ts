// Keyboards, and what a key press means while words are composed (Japanese, Chinese, Korean and
// others).

type Press = Pick<KeyboardEvent, "key" | "keyCode" | "isComposing" | "shiftKey">;

/**
 * The key belongs to a composition. Safari ends one first and reports its last key afterwards, with
 * key code 229 only, the code of keys that an input method took (UI Events, legacy key attributes).
 */
export function isComposing(event: Press): boolean {
	return event.isComposing || event.keyCode === 229;
}

/** Enter, meant for the page: it sends what is written. */
export function isSending(event: Press): boolean {
	return event.key === "Enter" && !event.shiftKey && !isComposing(event);
}

/** Whether this device has most probably a real keyboard: a mouse comes with one. */
export const hasKeyboard = (): boolean => matchMedia("(hover: hover) and (pointer: fine)").matches;
