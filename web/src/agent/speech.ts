// Which language the console speaks: the one chosen in Settings, else the browser's first that it
// has. The browser remembers the choice.

import { signal } from "@preact/signals";
import { LANGUAGES, speak } from "../i18n";
import { reportedLanguages } from "../i18n/reported";
import { browser } from "../ui/remember";
import { type ConsoleWords, hear } from "./spoken";

const CHOSEN = "console-language";

/** Empty for the browser's own. */
export const chosenLanguage = signal(browser.recall(CHOSEN) ?? "");

/** Speaks the chosen language, or English until it has come. */
export function speakChosen(): Promise<void> {
	return speak([chosenLanguage.peek(), ...reportedLanguages()], BOTH);
}

export function chooseLanguage(tag: string): Promise<void> {
	chosenLanguage.value = tag;
	if (tag === "") browser.forget(CHOSEN);
	else browser.remember(CHOSEN, tag);
	return speakChosen();
}

/** The console's own words of every language but English. */
export const CONSOLE: Readonly<Record<string, () => Promise<ConsoleWords>>> = {
	de: async () => (await import("./languages/de")).de,
	es: async () => (await import("./languages/es")).es,
	fr: async () => (await import("./languages/fr")).fr,
	it: async () => (await import("./languages/it")).it,
	pt: async () => (await import("./languages/pt")).pt,
	ar: async () => (await import("./languages/ar")).ar,
	he: async () => (await import("./languages/he")).he,
};

/** The words of both pages, and the console's own before them. */
const BOTH: typeof LANGUAGES = Object.fromEntries(
	Object.entries(LANGUAGES).map(([tag, shared]) => [
		tag,
		async () => {
			const [words, own] = await Promise.all([shared(), CONSOLE[tag]?.()]);
			if (own !== undefined) hear(tag, own);
			return words;
		},
	]),
);
