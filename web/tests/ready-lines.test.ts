import { expect, test } from "vitest";
import { LINES_MAX, linesOf, WRITTEN_MAX } from "../src/agent/lines/lines";
import { CHAT_TEXT_MAX } from "../src/wire/generated";

test.each([
	["one below the other", "Hello.\nPlease hold still.", ["Hello.", "Please hold still."]],
	["as Windows writes them", "Hello.\r\nGoodbye.\r\n", ["Hello.", "Goodbye."]],
	["without those that say nothing", "\n  \nHello.\n\t\n", ["Hello."]],
	["each once", "Hello.\n Hello. \nGoodbye.", ["Hello.", "Goodbye."]],
	["none", "", []],
])("ready lines stand %s", (_, text, lines) => expect(linesOf(text)).toEqual(lines));

test("there are so many, and no longer than a line of the chat may be", () => {
	const many = Array.from({ length: 200 }, (_, at) => `line ${at}`).join("\n");
	expect(linesOf(many)).toHaveLength(LINES_MAX);
	const [long = ""] = linesOf("x".repeat(WRITTEN_MAX + 10));
	expect(long.length).toBe(CHAT_TEXT_MAX);
});
