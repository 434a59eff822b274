// The page texts by key. English is part of the page, except for what loads with parts that come
// later (`en-live.ts`, `en-call.ts` and others); other languages load as chunks of their own.
//
// To add a language to the customer's page:
// 1. Translate `en.ts` and the other `en-` files into one file beside them. The compiler names
//    missing keys, and `web/tests/languages.test.ts` missing values and steps.
// 2. Add the file to `LANGUAGES`; a right-to-left language also to `RIGHT_TO_LEFT`.
// 3. Add the text message to `TEMPLATES` in `functions/host/src/sms.rs`.
//
// Most texts with a number avoid plural forms ("Unread messages: {n}"). Those that cannot have all
// forms of their language (`plural.ts`).

import { signal } from "@preact/signals";
import { en } from "./en";
import type { inCall } from "./en-call";
import type { guest } from "./en-guest";
import type { help } from "./en-help";
import type { live } from "./en-live";
import type { media } from "./en-media";
import { isolated } from "./plain";

export type Key =
	| keyof typeof en
	| keyof typeof live
	| keyof typeof inCall
	| keyof typeof help
	| keyof typeof media
	| keyof typeof guest;
export type Words = Readonly<Record<Key, string>>;

/** The language that the page speaks. */
export const language = signal("en");
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
	const rtl = RIGHT_TO_LEFT.test(language.peek());
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => setting(String(values[name] ?? whole), rtl, name));
}

let setting: (value: string, rtl: boolean, name: string) => string = isolated;

/** Changes how values are set into the sentences of this page. */
export function setValues(by: typeof setting): void {
	setting = by;
}

/** Returns a number of days in words, in the language that the page speaks: "1 day", "90 days". */
export function days(count: number, said = language.value): string {
	return new Intl.NumberFormat(digits(said), { style: "unit", unit: "day", unitDisplay: "long" }).format(count);
}

/** The language for `Intl`, with the digits of clocks, numbers to call and codes. */
export function digits(said: string): string {
	return `${said}-u-nu-latn`;
}

/** How often a language was asked for; only the last time counts. */
let asked = 0;

/** Switches to the first language of `wanted` that the page has; otherwise to English. */
export async function speak(wanted: readonly string[], languages = LANGUAGES): Promise<void> {
	asked += 1;
	const mine = asked;
	const tag = firstKnown(wanted);
	try {
		const spoken = (await languages[tag]?.()) ?? en;
		if (mine === asked) use(tag, spoken);
	} catch {
		// The chunk failed to load on a weak network: English is better than waiting.
		setTimeout(() => void (mine === asked && speak([tag], languages)), AGAIN_MS);
		if (mine === asked) use("en", en);
	}
}

/** Starts loading the first language of `wanted` that the page has. Changes nothing yet. */
export function loadAhead(wanted: readonly string[]): void {
	LANGUAGES[firstKnown(wanted)]?.().catch(() => undefined);
}

function firstKnown(wanted: readonly string[]): string {
	return (
		wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "").find((known) => Object.hasOwn(LANGUAGES, known)) ?? "en"
	);
}

function use(spoken: string, said: Partial<Words>): void {
	document.documentElement.lang = spoken;
	document.documentElement.dir = RIGHT_TO_LEFT.test(spoken) ? "rtl" : "ltr";
	language.value = spoken;
	words.value = said;
}

/** Every language of the pages. */
export const LANGUAGES: Readonly<Record<string, () => Promise<Partial<Words>>>> = {
	en: async () => en,
	de: async () => (await import("./de")).de,
	es: async () => (await import("./es")).es,
	fr: async () => (await import("./fr")).fr,
	it: async () => (await import("./it")).it,
	pt: async () => (await import("./pt")).pt,
	ar: async () => (await import("./ar")).ar,
	he: async () => (await import("./he")).he,
};

const RIGHT_TO_LEFT = /^(ar|he)$/;

const AGAIN_MS = 4_000;
