// Shortcuts of the agent's board on keyboards of the world: key and code as browsers report them.

import { expect, test } from "vitest";
import { digitOf, letterOf } from "../src/agent/key-names";

const press = (key: string, code: string, shiftKey = false) => ({ key, code, shiftKey });

// The letter that each layout writes with the key at this place (Unicode CLDR, keyboards).
test.each([
	["US", press("z", "KeyZ"), "z"],
	["US, Caps Lock", press("Z", "KeyZ"), "z"],
	["French (AZERTY), Ctrl+Z", press("z", "KeyW"), "z"],
	["French (AZERTY), Ctrl+W", press("w", "KeyZ"), "w"],
	["German (QWERTZ), Ctrl+Z", press("z", "KeyY"), "z"],
	["German (QWERTZ), Ctrl+Y", press("y", "KeyZ"), "y"],
	["Dvorak, Ctrl+Z", press("z", "Slash"), "z"],
	["Russian", press("\u044f", "KeyZ"), "z"],
	["Russian, Ctrl+Y", press("\u043d", "KeyY"), "y"],
	["Ukrainian", press("\u044f", "KeyZ"), "z"],
	["Greek", press("\u03b6", "KeyZ"), "z"],
	["Hebrew", press("\u05d6", "KeyZ"), "z"],
	["Arabic", press("\u0626", "KeyZ"), "z"],
	["Hindi", press("\u090e", "KeyZ"), "z"],
	["Thai", press("\u0e1c", "KeyZ"), "z"],
	["Korean", press("\u314b", "KeyZ"), "z"],
	["an input method took it", press("Process", "KeyZ"), "z"],
	["Georgian", press("\u10d6", "KeyZ"), "z"],
	["Turkish", press("z", "KeyZ"), "z"],
	["no letter at all", press("Enter", "Enter"), ""],
])("%s: the letter of a shortcut", (_, pressed, letter) => expect(letterOf(pressed)).toBe(letter));

test.each([
	["US", press("1", "Digit1"), 1],
	["numeric keypad", press("6", "Numpad6"), 6],
	["French (AZERTY)", press("&", "Digit1"), 1],
	["French (AZERTY), with Shift", press("1", "Digit1", true), 1],
	["Czech", press("\u011b", "Digit2"), 2],
	["Arabic", press("\u0663", "Digit3"), 3],
	["Persian, with Shift held", press("\u06f4", "Digit4", true), 4],
	["US, with Shift: a sign", press("!", "Digit1", true), null],
	["a letter", press("a", "KeyA"), null],
])("%s: the digit of a shortcut", (_, pressed, digit) => expect(digitOf(pressed)).toBe(digit));
