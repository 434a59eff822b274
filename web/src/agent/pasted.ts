// Reads a pasted line that names a call: reference and number, in either order, as spreadsheets and
// claims systems copy them. Pure.

import { NUMBER_MAX, REFERENCE_MAX, REFERENCE_MIN } from "../wire/generated";

export interface PastedLine {
	number: string;
	reference: string;
}

/** Null for anything else, which is pasted as it is. */
export function readLine(text: string): PastedLine | null {
	if (text.length > LINE_MAX) return null;
	const line = text.replace(UNSEEN, "").trim();
	const parts = line
		.split(/[\t\r\n,;|，；،]+/)
		.map(bare)
		.filter((part) => part !== "");
	const [first = "", second = ""] = parts.length === 1 ? atPlus(parts[0] ?? "").map(bare) : parts;
	if (parts.length > 2 || second === "") return null;
	// A reference may have digits alone. Then the one is the number that is written more as numbers
	// are, and of two alike the second.
	if (isNumber(second) && isReference(first) && !(isNumber(first) && dialled(first) > dialled(second))) {
		return { reference: first, number: second };
	}
	return isNumber(first) && isReference(second) ? { reference: second, number: first } : null;
}

/** A part without quotation marks, and without what it is called before a colon. */
function bare(part: string): string {
	return part
		.trim()
		.replace(/^["'“„«]+|["'”“»]+$/gu, "")
		.replace(/^\p{L}[\p{L} .-]*[:：]\s+|^tel:/iu, "")
		.trim();
}

/** Splits a line without a separator before its number, or after it. */
function atPlus(line: string): string[] {
	const found = /^(\S+)\s+(\+[\d\s().\-/]+)$/u.exec(line) ?? /^(\+[\d\s().\-/]+)\s(\S+)$/u.exec(line);
	return found === null ? [] : [found[1] ?? "", (found[2] ?? "").trim()];
}

/** 2 for what is written for all countries, 1 for what is written for one. */
function dialled(text: string): number {
	if (/^[+＋]|^00/.test(text)) return 2;
	return /^[(0]/.test(text) ? 1 : 0;
}

const isReference = (text: string): boolean => text.length >= REFERENCE_MIN && text.length <= REFERENCE_MAX;

/** Digits of any script, and what people write between them. */
function isNumber(text: string): boolean {
	return /^[+＋]?[\p{Nd}\s().\-/]+$/u.test(text) && (text.match(/\p{Nd}/gu)?.length ?? 0) >= DIGITS_MIN;
}

const DIGITS_MIN = 6;
/** With what the two are called, and quotation marks. */
const LINE_MAX = NUMBER_MAX + REFERENCE_MAX + 60;
/** Address books put a number between marks of direction; web pages have characters of no width. */
const UNSEEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
