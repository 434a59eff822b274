import { expect, test } from "vitest";
import { linesOf, together, wholeLines, WRITTEN_MAX } from "../src/agent/lines/lines";
import { CHAT_TEXT_MAX, READY_LINES_MAX } from "../src/wire/generated";

test.each([
	["one below the other", "Hello.\nPlease hold still.", ["Hello.", "Please hold still."]],
	["as Windows writes them", "Hello.\r\nGoodbye.\r\n", ["Hello.", "Goodbye."]],
	["without those that say nothing", "\n  \nHello.\n\t\n", ["Hello."]],
	["each once", "Hello.\n Hello. \nGoodbye.", ["Hello.", "Goodbye."]],
	["none", "", []],
])("ready lines stand %s", (_, text, lines) => expect(linesOf(text)).toEqual(lines));

test("there are so many, and no longer than a line of the chat may be", () => {
	const many = Array.from({ length: 200 }, (_, at) => `line ${at}`).join("\n");
	expect(linesOf(many)).toHaveLength(READY_LINES_MAX);
	const [long = ""] = linesOf("x".repeat(WRITTEN_MAX + 10));
	expect(long.length).toBe(CHAT_TEXT_MAX);
});

test.each([
	["breaks of word processors", "A\vB\fC\u0085D\u2028E\u2029F\rG", ["A", "B", "C", "D", "E", "F", "G"]],
	["tabs and bullets", "\u2022\tHold still.  \n\u00a0\n- Thank you.", ["\u2022\tHold still.", "- Thank you."]],
	["signs that control", "A\u0007B\n\u0000\n\u001b[1mC", ["A B", "[1mC"]],
	["letters in parts, and half an emoji", "u\u0308ber\n\u00fcber\nDone \ud83c", ["\u00fcber", "Done"]],
])("lines for everybody are read through %s", (_, text, lines) => expect(wholeLines(text)).toEqual(lines));

test("none of the lines for everybody is left out or cut unseen", () => {
	const many = (n: number): string => Array.from({ length: n }, (_, at) => `line ${at}\n\n`).join("");
	expect(wholeLines(many(READY_LINES_MAX))).toHaveLength(READY_LINES_MAX);
	expect(wholeLines(many(READY_LINES_MAX + 1))).toEqual({ why: "many", n: READY_LINES_MAX + 1 });
	const long = (n: number): string => `A\n\n  ${"x".repeat(n)}  \nB`;
	expect(wholeLines(long(CHAT_TEXT_MAX))).toHaveLength(3);
	expect(wholeLines(long(CHAT_TEXT_MAX + 1))).toEqual({ why: "long", n: 3 });
	expect(wholeLines(`${"u\u0308".repeat(CHAT_TEXT_MAX)}`)).toHaveLength(1);
});

test("two lists together begin with the first, and have each line once", () => {
	expect(together(["A", "B"], ["C", "B", "D"])).toEqual(["A", "B", "C", "D"]);
});
