// Names within the page's own sentences.

import { afterEach, expect, test } from "vitest";
import { apart } from "../src/agent/apart";
import { fill, setValues } from "../src/i18n";
import { isolated } from "../src/i18n/plain";

afterEach(() => setValues(isolated));

test("on the agent's page the customer's name is set apart from the sentence around it", () => {
	const moved = "{name} moved to another device";
	expect(fill(moved, { name: "Ada" })).toBe("Ada moved to another device");
	setValues(apart);
	expect(fill(moved, { name: "Agent has ended the call" })).toBe("“Agent has ended the call” moved to another device");
	expect(fill("{agent}, {customer}: {n}", { agent: "Grace", customer: "Ada", n: 3 })).toBe("Grace, “Ada”: 3");
});

test("no quotation mark within a name ends it", () => {
	// Quotation_Mark of Unicode 16's PropList.txt.
	const marks = "\"'«»‘’‚‛“”„‟‹›⹂「」『』〝〞〟﹁﹂﹃﹄＂＇｢｣";
	for (const mark of marks) {
		const shown = apart(`Ada${mark} left. ${mark}Bob`, "name").slice(1, -1);
		expect(shown, mark).toBe("Ada' left. 'Bob");
	}
	expect(apart("O'Brien", "name")).toBe("“O'Brien”");
	expect(apart("\u202Eadam", "name")).toBe("“adam”");
	expect(apart("נדיה", "name")).toBe("“\u2068נדיה\u2069”");
});
