// Which key does what in a call. Pure.

import { letterOf, type Pressed } from "../key-names";

export type Deed =
	| "microphone"
	| "camera"
	| "screenshot"
	| "chat"
	| "previous"
	| "next"
	| "undo"
	| "redo"
	| "send"
	| "clear"
	| "live"
	| "link"
	| "settings"
	| "guest_flip"
	| "guest_torch"
	| "guest_place"
	| "delete"
	| "end"
	| "help";

/** The letter of each deed. What cannot be taken back has no letter. */
export const LETTERS: Readonly<Partial<Record<Deed, string>>> = {
	microphone: "m",
	camera: "v",
	screenshot: "s",
	chat: "c",
	previous: "p",
	next: "n",
	undo: "u",
	redo: "r",
	send: "a",
	clear: "x",
	live: "l",
	link: "k",
	settings: "o",
	guest_flip: "f",
	guest_torch: "t",
	guest_place: "w",
};

/** Keys that write nothing, with Shift held. */
export const SHIFTED: Readonly<Partial<Record<Deed, string>>> = { delete: "Delete", end: "End" };

export const HELP = "?";

interface Press extends Pressed {
	ctrlKey: boolean;
	altKey: boolean;
	metaKey: boolean;
	repeat: boolean;
}

/**
 * The deed of a key. `single`: keys that write something count too, which can be switched off for
 * people who dictate (WCAG 2.1.4).
 */
export function deedOf(press: Press, single: boolean): Deed | null {
	if (press.ctrlKey || press.altKey || press.metaKey || press.repeat) return null;
	if (press.shiftKey && SHIFTED.delete === press.key) return "delete";
	if (press.shiftKey && SHIFTED.end === press.key) return "end";
	if (!single) return null;
	if (press.key === HELP) return "help";
	if (press.shiftKey) return null;
	const letter = letterOf(press);
	const found = Object.entries(LETTERS).find(([, of]) => of === letter);
	return found === undefined ? null : (found[0] as Deed);
}
