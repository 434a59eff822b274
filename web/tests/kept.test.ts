import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keptWords } from "../src/customer/kept";
import { LANGUAGES, speak } from "../src/i18n";
import type { Look } from "../src/wire/generated";

const LOOK: Look = { state: "valid", language: "en", joined: false, kept_days: 30 };

beforeEach(() => vi.stubGlobal("document", { documentElement: {} }));
afterEach(async () => {
	await speak(["en"]);
	vi.unstubAllGlobals();
});

test("the lobby says how long pictures, and chat and notes, are kept", () => {
	expect(keptWords({ ...LOOK, pictures_days: 1, notes_days: 30 })).toBe(
		"This call is not recorded. Pictures are kept for 1 day, chat and notes for 30 days.",
	);
	expect(keptWords({ ...LOOK, pictures_days: 7, notes_days: 7 })).toBe(
		"This call is not recorded. Pictures, chat and notes are kept for 7 days.",
	);
});

test("a server of the version before names one time for all", () => {
	expect(keptWords(LOOK)).toBe("This call is not recorded. Pictures, chat and notes are kept for 30 days.");
});

test("every language names both times", async () => {
	for (const language of Object.keys(LANGUAGES)) {
		await speak([language]);
		const words = keptWords({ ...LOOK, pictures_days: 14, notes_days: 90 });
		expect(words.match(/\d+/g), words).toEqual(["14", "90"]);
		expect(keptWords(LOOK).match(/\d+/g), language).toEqual(["30"]);
	}
});
