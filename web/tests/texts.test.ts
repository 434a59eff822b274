// Text that people type, as pages clean it and browsers report it.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { acceptable } from "../src/i18n/reported";
import { chatText, displayName, labelText } from "../src/link/server/text";
import { isComposing, isSending } from "../src/ui/enter";
import { initials } from "../src/ui/video";
import { CHAT_TEXT_MAX, DISPLAY_NAME_MAX } from "../src/wire/generated";

const TEXTS = new URL("../../wire/tests/texts.json", import.meta.url);
const cases = JSON.parse(readFileSync(TEXTS, "utf8")) as { typed: string; name: string; chat: string }[];

const ENTER = { key: "Enter", keyCode: 13, isComposing: false, shiftKey: false };

test("Enter sends unless it ends a composition, in every browser's order of events", () => {
	expect(isSending(ENTER)).toBe(true);
	expect(isSending({ ...ENTER, shiftKey: true })).toBe(false);
	// Chromium and Firefox: keydown, then compositionend.
	expect(isSending({ ...ENTER, keyCode: 229, isComposing: true })).toBe(false);
	// Safari: compositionend, then keydown with code 229.
	expect(isSending({ ...ENTER, keyCode: 229 })).toBe(false);
	expect(isComposing({ ...ENTER, key: "Escape", keyCode: 229 })).toBe(true);
	// Android's keyboards name neither key nor code while they suggest words.
	expect(isSending({ ...ENTER, key: "Unidentified", keyCode: 229 })).toBe(false);
});

test("texts are composed as the server composes them", () => {
	for (const { typed, name, chat } of cases) {
		expect([displayName(typed), labelText(typed), chatText(typed)], typed).toEqual([name, name, chat]);
	}
});

test("decomposed letters are composed, and half an emoji is dropped", () => {
	expect(displayName("Mu\u0308ller")).toBe("M\u00fcller");
	expect(chatText("u\u0308")).toBe("\u00fc");
	expect(labelText("e\u0323\u0302")).toBe("\u1ec7");
	expect(displayName("Ada \ud83d")).toBe("Ada");
	expect(chatText("\ude00 a \ud83d\ude00 b \ud83d")).toBe("a \u{1f600} b");
});

test("a name ends between what people see as characters", () => {
	const family = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";
	expect(displayName(`${"x".repeat(DISPLAY_NAME_MAX - 7)}${family}`)).toBe("x".repeat(DISPLAY_NAME_MAX - 7));
	expect(displayName(`${"x".repeat(DISPLAY_NAME_MAX - 8)}${family}`)).toContain(family);
	const flag = "\u{1f1e9}\u{1f1ea}";
	expect(displayName(`${"x".repeat(DISPLAY_NAME_MAX - 3)}${flag}`)).toBe("x".repeat(DISPLAY_NAME_MAX - 3));
	expect(initials(`${family} Ada ${flag}`)).toBe(`${family}${flag}`);
});

test("marks stack no higher than words need", () => {
	expect(displayName(`Z${"\u0335".repeat(30)}oe`)).toBe(`Z${"\u0335".repeat(5)}oe`);
	const hebrew = "\u05e9\u05bc\u05c1\u05b8\u05bd";
	expect([...displayName(hebrew)]).toHaveLength(5);
	const devanagari = "\u0915\u094d\u0937\u093f";
	expect(displayName(devanagari)).toBe(devanagari);
});

test("whatever is typed, what is sent is well formed, composed and within the limits", () => {
	const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
	const typed = fc.array(fc.oneof(unit, fc.constantFrom("\u0308", "\u200d", "\ud83d", "\ude00", "u", " ")), {
		maxLength: 120,
	});
	fc.assert(
		fc.property(typed, (units) => {
			for (const [clean, most] of [
				[displayName, DISPLAY_NAME_MAX],
				[chatText, CHAT_TEXT_MAX],
			] as const) {
				const sent = clean(units.join(""));
				expect(sent.length).toBeLessThanOrEqual(most);
				expect(/\p{Cs}/u.test(sent)).toBe(false);
				expect(sent.normalize("NFC")).toBe(sent);
				expect(clean(sent)).toBe(sent);
			}
		}),
		{ numRuns: 1_000 },
	);
});

test("what a browser reports as its language is input", () => {
	expect(acceptable(["en-US@posix"])).toEqual(["en-US"]);
	expect(acceptable(["de_DE.UTF-8", "C", "", "de-DE", undefined, null, "*"])).toEqual(["de-DE"]);
	fc.assert(
		fc.property(
			fc.array(fc.oneof(fc.string(), fc.constantFrom("en", "_", "x-klingon", "en-US-u-ca-")), { maxLength: 5 }),
			(tags) => {
				const names = new Intl.DisplayNames([...acceptable(tags), "en"], { type: "region" });
				expect(names.of("DE")).toBeTypeOf("string");
				for (const tag of acceptable(tags)) expect(new Intl.Locale(tag).maximize().language).toBeTypeOf("string");
			},
		),
	);
});
