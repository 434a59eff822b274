// Dates, numbers and names follow the page's language and the browser's region.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { countries, countryName } from "../src/agent/countries";
import { date, decimal, languageName, listed, localeOf } from "../src/agent/times";
import { language } from "../src/i18n";

const NOVEMBER_28 = Date.UTC(2026, 10, 28, 12);

beforeEach(() => vi.stubGlobal("navigator", { languages: ["en-GB"] }));
afterEach(() => {
	vi.unstubAllGlobals();
	language.value = "en";
});

test("the region is the browser's, the digits and the calendar are the same everywhere", () => {
	const locales: [string, string[], string][] = [
		["en", ["en-GB"], "en-GB-u-ca-gregory-nu-latn"],
		// A page in English for a browser that speaks Dutch.
		["en", ["nl"], "en-NL-u-ca-gregory-nu-latn"],
		["de", ["en-US", "de-AT"], "de-AT-u-ca-gregory-nu-latn"],
		["ar", ["ar-SA"], "ar-SA-u-ca-gregory-nu-latn"],
		["he", [], "he-IL-u-ca-gregory-nu-latn"],
	];
	for (const [said, reported, locale] of locales) expect(localeOf(said, reported)).toBe(locale);
	const saudi = new Intl.DateTimeFormat(localeOf("ar", ["ar-SA"]), { dateStyle: "medium" }).format(NOVEMBER_28);
	expect(saudi).toContain("2026");
});

test("what Intl writes changes with the language", () => {
	const said = ["en", "de", "fr", "ar", "he"].map((tag) => {
		language.value = tag;
		return [decimal(1.25), listed(["a", "b"]), countryName("DE"), languageName("de")];
	});
	expect(said).toEqual([
		["1.3", "a, b", "Germany", "German"],
		["1,3", "a, b", "Deutschland", "Deutsch"],
		["1,3", "a et b", "Allemagne", "allemand"],
		["1.3", "a وb", "ألمانيا", "الألمانية"],
		["1.3", "a, b", "גרמניה", "גרמנית"],
	]);
	language.value = "de";
	expect(date(NOVEMBER_28)).toMatch(/28\.11\.2026/);
	const names = countries().map(({ name }) => name);
	expect(names.indexOf("Ägypten"), "sorted as the language sorts").toBeLessThan(names.indexOf("Albanien"));
});

test("a language that a page reports may be anything", () => {
	expect(languageName("*")).toBe("*");
	expect(languageName("de-CH")).toMatch(/Swiss/);
});
