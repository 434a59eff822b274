// What a key means in a shortcut, on the keyboards of the world.

export type Pressed = Pick<KeyboardEvent, "key" | "code" | "shiftKey">;

/**
 * The Latin letter of a shortcut. Where the key writes another script's, the letter that a Latin
 * keyboard has in its place; a Latin keyboard of another order (AZERTY) means what it writes.
 */
export function letterOf({ key, code }: Pressed): string {
	if (/^\p{Script=Latin}$/u.test(key)) return key.toLowerCase();
	return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? "";
}

/**
 * The digit of a shortcut: what the key writes, in the digits of any script, or without Shift what
 * is printed above (AZERTY).
 */
export function digitOf({ key, code, shiftKey }: Pressed): number | null {
	if (/^\d$/.test(key)) return Number(key);
	const above = shiftKey && !/^\p{Nd}$/u.test(key) ? null : /^(?:Digit|Numpad)(\d)$/.exec(code);
	return above === null ? null : Number(above[1]);
}
