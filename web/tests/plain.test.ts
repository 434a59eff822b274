// Names within the page's own sentences.

import { afterEach, expect, test } from "vitest";
import { apart } from "../src/agent/apart";
import { fill, language, setValues } from "../src/i18n";
import { isolated } from "../src/i18n/plain";
import { directionOf } from "../src/ink/direction";

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
		const shown = apart(`Ada${mark} left. ${mark}Bob`, false, "name").slice(1, -1);
		expect(shown, mark).toBe("Ada' left. 'Bob");
	}
	expect(apart("O'Brien", false, "name")).toBe("“O'Brien”");
	expect(apart("\u202Eadam", false, "name")).toBe("“adam”");
	expect(apart("נדיה", false, "name")).toBe("“\u2068נדיה\u2069”");
});

test("in a right-to-left sentence every value keeps its own direction, in the quotes of the language", () => {
	setValues(apart);
	language.value = "he";
	expect(fill("{name}: {number}", { name: "Ada", number: "+49 151" })).toBe("”\u2068Ada\u2069”: \u2068+49 151\u2069");
	language.value = "fr";
	expect(fill("{name} : {n}", { name: "Ada", n: 3 })).toBe("«\u00a0Ada\u00a0» : 3");
	language.value = "en";
});

test("a text has the direction of its first letter", () => {
	expect(directionOf("3 קליק here")).toBe("rtl");
	expect(directionOf("(turn) שמאלה")).toBe("ltr");
	expect(directionOf("123 !")).toBe("ltr");
});
