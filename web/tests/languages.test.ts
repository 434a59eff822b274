// Every language says the same: all texts, the same values filled in, as many steps, in its own
// words, in the forms of its numbers, and no longer than their place.

import { expect, test } from "vitest";
import { words as adminWords } from "../src/agent/admin/words";
import { words as detailWords } from "../src/agent/detail/words";
import { words as guestWords } from "../src/agent/guest/words";
import { words as webhooksWords } from "../src/agent/admin/webhook-words";
import { CONSOLE } from "../src/agent/speech";
import { words as agentWords } from "../src/agent/words";
import { days, LANGUAGES } from "../src/i18n";
import { en } from "../src/i18n/en";
import { inCall } from "../src/i18n/en-call";
import { guest } from "../src/i18n/en-guest";
import { help } from "../src/i18n/en-help";
import { live } from "../src/i18n/en-live";
import { media } from "../src/i18n/en-media";
import { categoriesIn, counted } from "../src/i18n/plural";
import { cldr } from "./cldr-plurals";
import { LENGTHS, NAMES, SHARED } from "./places";

/** The texts by room and key, such as `detail.print`. */
type Texts = Readonly<Record<string, string>>;

const ENGLISH: Texts = {
	...roomed("page", { ...en, ...live, ...inCall, ...help, ...media, ...guest }),
	...roomed("console", agentWords),
	...roomed("detail", detailWords),
	...roomed("admin", adminWords),
	...roomed("webhooks", webhooksWords),
	...roomed("guest", guestWords),
};
const OTHERS = Object.keys(LANGUAGES).filter((tag) => tag !== "en");

function roomed(room: string, words: Texts): Texts {
	return Object.fromEntries(Object.entries(words).map(([key, text]) => [`${room}.${key}`, text]));
}

async function textsOf(tag: string): Promise<Texts> {
	const own = await CONSOLE[tag]?.();
	if (own === undefined) throw new Error(`the console does not speak ${tag}`);
	const page = (await LANGUAGES[tag]?.()) as Texts;
	return Object.assign(
		roomed("page", page),
		...Object.entries(own).map(([room, words]) => roomed(room, words as Texts)),
	) as Texts;
}

const valuesIn = (text: string): string[] =>
	[...new Set(text.match(/\{\w+\}/g))].filter((value) => !text.includes("plural") || value === "{n}").toSorted();
const stepsIn = (text: string): number => text.split("\n").length;

/** What `look` finds in each text. */
function each(texts: Texts, look: (text: string) => unknown): unknown {
	return Object.keys(ENGLISH).map((key) => [key, look(texts[key] ?? "")]);
}

test.each(OTHERS)("%s has all texts, with the values and the steps of the English ones", async (tag) => {
	const texts = await textsOf(tag);
	expect(Object.keys(texts).toSorted()).toEqual(Object.keys(ENGLISH).toSorted());
	expect(Object.values(texts)).not.toContain("");
	expect(each(texts, valuesIn)).toEqual(each(ENGLISH, valuesIn));
	expect(each(texts, stepsIn)).toEqual(each(ENGLISH, stepsIn));
});

test.each(OTHERS)("%s leaves no text in English, except the words that it shares", async (tag) => {
	const texts = await textsOf(tag);
	const alike = Object.keys(texts).filter((key) => texts[key] === ENGLISH[key] && hasWords(key));
	expect(alike.toSorted()).toEqual(SHARED[tag]?.toSorted());
});

const hasWords = (key: string): boolean =>
	!NAMES.test(key) && /\p{L}/u.test((ENGLISH[key] ?? "").replace(/\{\w+\}/g, ""));

test.each(["en", ...OTHERS])("%s has no text that is longer than its place", async (tag) => {
	const texts = tag === "en" ? ENGLISH : await textsOf(tag);
	const long = LENGTHS.flatMap(({ place, most, texts: keys }) => {
		const found = Object.keys(ENGLISH).filter((key) => keys.test(key));
		expect(found, `${place} has texts`).not.toEqual([]);
		return found
			.map((key) => ({ key, text: texts[key] ?? "" }))
			.filter(({ text }) => lettersIn(text) > most)
			.map(({ key, text }) => `${place}: ${key} has ${lettersIn(text)} of ${most} letters: ${text}`);
	});
	expect(long).toEqual([]);
});

/** Without values, whose length is not the text's. */
const lettersIn = (text: string): number => [...text.replace(/\{[^{}]*\}/g, "").replaceAll("\u00ad", "")].length;

test.each(["en", ...OTHERS])("%s has a form for every number that Unicode's samples have", async (tag) => {
	const texts = tag === "en" ? ENGLISH : await textsOf(tag);
	const samples = cldr[tag] ?? {};
	const plurals = Object.keys(ENGLISH).filter((key) => categoriesIn(ENGLISH[key] ?? "") !== null);
	expect(plurals).not.toEqual([]);
	for (const key of plurals) {
		const text = texts[key] ?? "";
		expect(categoriesIn(text)?.toSorted(), key).toEqual(Object.keys(samples).toSorted());
		for (const [category, numbers] of Object.entries(samples)) {
			const [, form = ""] = new RegExp(`\\b${category} \\{([^{}]*)\\}`).exec(text) ?? [];
			for (const n of numbers) {
				const said = counted(text, n, tag);
				const written = new Intl.NumberFormat(`${tag}-u-nu-latn`).format(n);
				expect(said, `${key}, ${n} is ${category}`).toBe(form.replace("#", written));
			}
		}
	}
});

test("a number of days is said in words, one or many", () => {
	const said = Object.keys(LANGUAGES).map((tag) => `${tag}: ${days(1, tag)}, ${days(2, tag)}, ${days(90, tag)}`);
	expect(said).toEqual([
		"en: 1 day, 2 days, 90 days",
		"de: 1 Tag, 2 Tage, 90 Tage",
		"es: 1 día, 2 días, 90 días",
		"fr: 1\u00a0jour, 2\u00a0jours, 90\u00a0jours",
		"it: 1 giorno, 2 giorni, 90 giorni",
		"pt: 1 dia, 2 dias, 90 dias",
		"ar: يوم, يومان, 90 يومًا",
		"he: 1 יום, יומיים, 90 ימים",
	]);
});
