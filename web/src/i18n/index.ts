// The page texts by key. English is part of the page, except for what loads with parts that come
// later (`en-call.ts`, `en-help.ts`, `en-media.ts`); other languages load as chunks of their own.
//
// To add a language to the customer's page:
// 1. Translate `en.ts` and the other `en-` files into one file beside them. The compiler names
//    missing keys, and `web/tests/languages.test.ts` missing values and steps.
// 2. Add the file to `LANGUAGES`; a right-to-left language also to `RIGHT_TO_LEFT`.
// 3. Add the text message to `TEMPLATES` in `functions/host/src/sms.rs`.
//
// Texts with a number that may be one avoid plural forms ("Unread messages: {n}"), so no language
// needs plural rules.

import { signal } from "@preact/signals";
import { en } from "./en";
import type { inCall } from "./en-call";
import type { help } from "./en-help";
import type { media } from "./en-media";
import { isolated } from "./plain";

export type Key = keyof typeof en | keyof typeof inCall | keyof typeof help | keyof typeof media;
export type Words = Readonly<Record<Key, string>>;

const words = signal<Partial<Words>>(en);
/** English texts that loaded later. */
const taught = signal<Partial<Words>>({});

/** Returns the text for `key` with `{name}` filled in. Components follow a change of language. */
export function t(key: Key, values?: Readonly<Record<string, string | number>>): string {
	return fill(words.value[key] ?? taught.value[key] ?? "", values);
}

/** Adds English texts that loaded later. */
export function teach(more: Partial<Words>): void {
	taught.value = { ...taught.peek(), ...more };
}

/** Returns the lines of a text with several steps. */
export function lines(key: Key): string[] {
	return t(key).split("\n");
}

export function fill(text: string, values?: Readonly<Record<string, string | number>>): string {
	if (values === undefined) return text;
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => setting(String(values[name] ?? whole), name));
}

let setting: (value: string, name: string) => string = isolated;

/** Changes how values are set into the sentences of this page. */
export function setValues(by: typeof setting): void {
	setting = by;
}

/** Returns a number of days in words, in the language that the page speaks: "1 day", "90 days". */
export function days(count: number, language = document.documentElement.lang || "en"): string {
	return new Intl.NumberFormat(language, { style: "unit", unit: "day", unitDisplay: "long" }).format(count);
}

/** How often a language was asked for; only the last time counts. */
let asked = 0;

/** Switches to the first language of `wanted` that the page has; otherwise to English. */
export async function speak(wanted: readonly string[]): Promise<void> {
	asked += 1;
	const mine = asked;
	for (const tag of wanted) {
		const language = tag.toLowerCase().split("-")[0] ?? "";
		const load = LANGUAGES[language];
		if (load === undefined) continue;
		try {
			return use(language, await load());
		} catch {
			// The chunk failed to load on a weak network: English is better than waiting.
			setTimeout(() => void (mine === asked && speak([tag])), AGAIN_MS);
			break;
		}
	}
	use("en", en);
}

/** Starts loading the first language of `wanted` that the page has. Changes nothing yet. */
export function loadAhead(wanted: readonly string[]): void {
	const known = wanted.map((tag) => LANGUAGES[tag.toLowerCase().split("-")[0] ?? ""]);
	known
		.find((load) => load !== undefined)?.()
		.catch(() => undefined);
}

function use(language: string, spoken: Partial<Words>): void {
	document.documentElement.lang = language;
	document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
	words.value = spoken;
}

/** Every language of the customer's page. */
export const LANGUAGES: Readonly<Record<string, () => Promise<Partial<Words>>>> = {
	en: async () => en,
	de: async () => (await import("./de")).de,
	es: async () => (await import("./es")).es,
	fr: async () => (await import("./fr")).fr,
	it: async () => (await import("./it")).it,
	pt: async () => (await import("./pt")).pt,
};

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar", "fa", "he", "ur"]);

const AGAIN_MS = 4_000;
