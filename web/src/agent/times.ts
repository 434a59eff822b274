// Dates, times and numbers as the agent's language and region write them. Digits are those of
// numbers to call, and the calendar is that of the stamp on a picture.

import { language } from "../i18n";
import { plain } from "../i18n/plain";
import { reportedLanguages } from "../i18n/reported";

/** The language that the page speaks, with the region that the browser reports. */
export function locale(): string {
	return localeOf(language.value, reportedLanguages());
}

export function localeOf(said: string, reported: readonly string[]): string {
	const [first = said] = reported;
	const own = reported.find((tag) => new Intl.Locale(tag).language === said);
	const region = new Intl.Locale(first).maximize().region ?? "US";
	return new Intl.Locale(own ?? `${said}-${region}`, { calendar: "gregory", numberingSystem: "latn" }).toString();
}

export const date = (at_ms: number): string => format({ dateStyle: "medium" }, at_ms);
/** A day of UTC, such as "2026-11-28". */
export const utcDay = (day: string): string => format({ dateStyle: "medium", timeZone: "UTC" }, Date.parse(day));
export const dateTime = (at_ms: number): string => format({ dateStyle: "medium", timeStyle: "short" }, at_ms);
/** With seconds. */
export const clockTime = (at_ms: number): string => format({ timeStyle: "medium" }, at_ms);
export const hourMinute = (at_ms: number): string => format({ hour: "2-digit", minute: "2-digit" }, at_ms);

/** With one place. */
export function decimal(value: number): string {
	return new Intl.NumberFormat(locale(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
}

/** Things side by side: "invite, read", "inviter et lire". */
export function listed(things: readonly string[]): string {
	return new Intl.ListFormat(locale(), { type: "unit", style: "short" }).format(things);
}

/** `datetime` of a `<time>`. */
export const iso = (at_ms: number): string => new Date(at_ms).toISOString();

/** The name of a language, in the language that the page speaks. */
export function languageName(tag: string, said = locale()): string {
	try {
		return new Intl.DisplayNames([said, "en"], { type: "language" }).of(tag) ?? tag;
	} catch {
		// A page reports its language, and may report anything.
		return tag;
	}
}

/** Making one takes longer than everything else of a line. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, at_ms: number): string {
	const key = `${locale()} ${Object.entries(options).join(" ")}`;
	const made = formats.get(key) ?? new Intl.DateTimeFormat(locale(), options);
	formats.set(key, made);
	// Arabic dates have marks that turn day and year around, which a sentence does not keep.
	return plain(made.format(at_ms));
}
