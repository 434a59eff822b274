// Which key does what in a call.

import { expect, test } from "vitest";
import { deedOf, LETTERS } from "../src/agent/shortcuts/deeds";

const press = (key: string, code: string, held: Partial<Record<"shift" | "ctrl" | "alt" | "meta", true>> = {}) => ({
	key,
	code,
	shiftKey: held.shift ?? false,
	ctrlKey: held.ctrl ?? false,
	altKey: held.alt ?? false,
	metaKey: held.meta ?? false,
	repeat: false,
});

test.each([
	["M", press("m", "KeyM"), "microphone"],
	["M with Caps Lock", press("M", "KeyM"), "microphone"],
	["M on a Russian keyboard", press("ь", "KeyM"), "microphone"],
	["M on a French keyboard", press("m", "Semicolon"), "microphone"],
	["Shift and M", press("M", "KeyM", { shift: true }), null],
	["Ctrl and C copies", press("c", "KeyC", { ctrl: true }), null],
	["Cmd and S", press("s", "KeyS", { meta: true }), null],
	["Alt and V", press("v", "KeyV", { alt: true }), null],
	["a held key", { ...press("s", "KeyS"), repeat: true }, null],
	["a question mark", press("?", "Slash", { shift: true }), "help"],
	["a question mark on a German keyboard", press("?", "Minus", { shift: true }), "help"],
	["Shift and Delete", press("Delete", "Delete", { shift: true }), "delete"],
	["Delete", press("Delete", "Delete"), null],
	["Shift and End", press("End", "End", { shift: true }), "end"],
	["End", press("End", "End"), null],
	["E", press("e", "KeyE"), null],
	["D", press("d", "KeyD"), null],
	["Tab", press("Tab", "Tab"), null],
	["Enter", press("Enter", "Enter"), null],
	["a space", press(" ", "Space"), null],
	["a digit", press("1", "Digit1"), null],
	["an input method", press("Process", "KeyM"), "microphone"],
] as const)("%s", (_, pressed, deed) => expect(deedOf(pressed, true)).toBe(deed));

test("without single keys only those remain that write nothing", () => {
	for (const [deed, letter] of Object.entries(LETTERS)) {
		expect(deedOf(press(letter, `Key${letter.toUpperCase()}`), true)).toBe(deed);
		expect(deedOf(press(letter, `Key${letter.toUpperCase()}`), false)).toBeNull();
	}
	expect(deedOf(press("?", "Slash", { shift: true }), false)).toBeNull();
	expect(deedOf(press("Delete", "Delete", { shift: true }), false)).toBe("delete");
});

test("no letter does two things", () => {
	const letters = Object.values(LETTERS);
	expect(new Set(letters).size).toBe(letters.length);
});
