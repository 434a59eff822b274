// Every language says the same: the same values filled in, and as many steps.

import { expect, test } from "vitest";
import { days, type Key, LANGUAGES, type Words } from "../src/i18n";
import { en as first } from "../src/i18n/en";
import { inCall } from "../src/i18n/en-call";
import { help } from "../src/i18n/en-help";
import { media } from "../src/i18n/en-media";

const en: Words = { ...first, ...inCall, ...help, ...media };
const KEYS = Object.keys(en) as Key[];

function valuesIn(text: string): string[] {
	return [...new Set(text.match(/\{\w+\}/g))].sort((a, b) => a.localeCompare(b));
}

async function languages(): Promise<[string, Words][]> {
	return Promise.all(
		Object.entries(LANGUAGES).map(
			async ([name, load]): Promise<[string, Words]> => [name, name === "en" ? en : ((await load()) as Words)],
		),
	);
}

/** What `look` finds in each text of a language. */
function eachText(words: Words, look: (text: string) => unknown): unknown {
	return KEYS.map((key) => [key, look(words[key])]);
}

test("every language has all texts, with the values of the English ones", async () => {
	for (const [name, words] of await languages()) {
		expect(Object.keys(words).toSorted(), name).toEqual(KEYS.toSorted());
		expect(eachText(words, valuesIn), name).toEqual(eachText(en, valuesIn));
		expect(Object.values(words), name).not.toContain("");
	}
});

test("every language has as many steps as English", async () => {
	const steps = (text: string): number => text.split("\n").length;
	for (const [name, words] of await languages()) expect(eachText(words, steps), name).toEqual(eachText(en, steps));
});

test("a number of days is said in words, one or many", () => {
	const said = Object.keys(LANGUAGES).map((language) => `${language}: ${days(1, language)}, ${days(90, language)}`);
	expect(said).toEqual([
		"en: 1 day, 90 days",
		"de: 1 Tag, 90 Tage",
		"es: 1 día, 90 días",
		"fr: 1\u00a0jour, 90\u00a0jours",
		"it: 1 giorno, 90 giorni",
		"pt: 1 dia, 90 dias",
	]);
});
