// Where an address in a line of chat begins and ends.

import fc from "fast-check";
import { expect, test } from "vitest";
import { linkify } from "../src/ui/chat/linkify";

/** The addresses of a line, as the URL parser writes them. */
const linked = (text: string): string[] => linkify(text).flatMap(({ href }) => href ?? []);
const urls = (...addresses: string[]): string[] => addresses.map((address) => new URL(address).href);

test("a bracket belongs to the address that opened it", () => {
	const rust = "https://en.wikipedia.org/wiki/Rust_(programming_language)";
	expect(linked(rust)).toEqual([rust]);
	expect(linked(`(${rust})`)).toEqual([rust]);
	expect(linked("(see https://example.com/a)")).toEqual(["https://example.com/a"]);
	expect(linked("(https://example.com/a),then")).toEqual(["https://example.com/a"]);
	expect(linked("（https://example.com/a）です")).toEqual(["https://example.com/a"]);
	expect(linked("詳細はhttps://example.com/a。次へ")).toEqual(["https://example.com/a"]);
});

// Addresses with a scheme from GitHub Flavored Markdown 0.29, section 6.9 and `test/extensions.txt`
// of github/cmark-gfm.
test.each([
	["http://commonmark.org", "http://commonmark.org"],
	[
		"(Visit https://encrypted.google.com/search?q=Markup+(business))",
		"https://encrypted.google.com/search?q=Markup+(business)",
	],
	["https://www.google.com/search?q=Markup+(business)", "https://www.google.com/search?q=Markup+(business)"],
	["https://www.google.com/search?q=Markup+(business)))", "https://www.google.com/search?q=Markup+(business)"],
	["(https://www.google.com/search?q=Markup+(business))", "https://www.google.com/search?q=Markup+(business)"],
	["https://www.google.com/search?q=(business))+ok", "https://www.google.com/search?q=(business))+ok"],
	["https://www.commonmark.org/he<lp", "https://www.commonmark.org/he"],
	["Visit https://www.commonmark.org/a.b.", "https://www.commonmark.org/a.b"],
	["<http://google.com/å> x", "http://google.com/å"],
	["**Autolink and http://inlines**", "http://inlines"],
	["outside parens shouldn't be included http://google.com/ok.", "http://google.com/ok"],
	["(inside parens shouldn't be included http://google.com/ok.)", "http://google.com/ok"],
	['"http://google.com"', "http://google.com"],
	["'http://google.com'", "http://google.com"],
	["~~http://google.com~~", "http://google.com"],
	["| https://github.com www.github.com |", "https://github.com"],
])("GitHub ends %s there", (line, address) => expect(linked(line)).toEqual(urls(address)));

// Addresses with a scheme from `test/fixtures/links.txt` of markdown-it/linkify-it.
test.each([
	["My http://example.com/ site", "http://example.com/"],
	["[https](https://www.ibm.com)[mailto](mailto:someone@ibm.com)", "https://www.ibm.com"],
	["http://example.com?foo=bar", "http://example.com?foo=bar"],
	["HTTP://GOOGLE.COM", "http://google.com"],
	["http://999", "http://999"],
	[">>http://example.com", "http://example.com"],
	["http://localhost:8000?", "http://localhost:8000"],
	["test.example@http://vk.com", "http://vk.com"],
	["text:http://example.com/", "http://example.com/"],
	["(Scoped http://example.com/foo_bar)", "http://example.com/foo_bar"],
	["http://example.com/foo_bar_(wiki)", "http://example.com/foo_bar_(wiki)"],
	["http://foo.com/blah_blah_[other]", "http://foo.com/blah_blah_[other]"],
	["http://foo.com/blah_blah_{I'm_king}", "http://foo.com/blah_blah_{I'm_king}"],
	["http://foo.com/blah_blah_I'm_king", "http://foo.com/blah_blah_I'm_king"],
	['http://foo.com/blah_blah_"doublequoted"', 'http://foo.com/blah_blah_"doublequoted"'],
	["http://foo.com/blah_blah_'singlequoted'", "http://foo.com/blah_blah_'singlequoted'"],
	["[Scoped like http://example.com/foo_bar]", "http://example.com/foo_bar"],
	["{Scoped like http://example.com/foo_bar}", "http://example.com/foo_bar"],
	['"Quoted like http://example.com/foo_bar"', "http://example.com/foo_bar"],
	["'Quoted like http://example.com/foo_bar'", "http://example.com/foo_bar"],
	["http://example.com/foo_bar/.", "http://example.com/foo_bar/"],
	["http://example.com/foo_bar...", "http://example.com/foo_bar"],
	["https://a.example/compare/360b13a7...f5807663", "https://a.example/compare/360b13a7...f5807663"],
	["http://172.26.142.48/viewerjs/#../0529/slides.pdf", "http://172.26.142.48/viewerjs/#../0529/slides.pdf"],
	[
		"https://www.google.ru/maps/@59.9393895,30.3165389,15z?hl=ru",
		"https://www.google.ru/maps/@59.9393895,30.3165389,15z?hl=ru",
	],
	[
		"http://business.timesonline.co.uk/article/0,,9065-2473189,00.html",
		"http://business.timesonline.co.uk/article/0,,9065-2473189,00.html",
	],
	["http://example.com/123!", "http://example.com/123"],
	["http://example.com/foo-with-trailing-dash-dot-.", "http://example.com/foo-with-trailing-dash-dot-"],
	["<http://domain.com/foo>.", "http://domain.com/foo"],
	["http://✪df.ws/123", "http://✪df.ws/123"],
	["http://www.bürgerentscheid-krankenhäuser.de", "http://www.bürgerentscheid-krankenhäuser.de"],
	[
		"http://example.com/render?target=summarize(deriviative(app.numUsers),%221min%22)&t=N",
		"http://example.com/render?target=summarize(deriviative(app.numUsers),%221min%22)&t=N",
	],
	["http://example.com/foo-(with-nested-(parens)).", "http://example.com/foo-(with-nested-(parens))"],
	["http://example.com/(foo) (bar)", "http://example.com/(foo)"],
	["｜http://google.com｜bar", "http://google.com"],
])("linkify-it ends %s there", (line, address) => expect(linked(line)).toEqual(urls(address)));

test("no line loses or gains text, whatever it contains", () => {
	const bit = fc.constantFrom("https://a.b/", "c", "(", ")", "[", "]", "）", "'", ".", " ", "。", "\n", "*", "|");
	fc.assert(
		fc.property(fc.array(bit, { maxLength: 40 }), (bits) => {
			const line = bits.join("");
			const parts = linkify(line);
			// The parser may write an address in another way; such lines are not compared.
			fc.pre(parts.every(({ text }) => line.includes(text)));
			expect(parts.map(({ text }) => text).join("")).toBe(line);
		}),
	);
});

test("an address with a user part is no link: it leads elsewhere than it looks", () => {
	for (const address of [
		"https://good.example@evil.example/",
		"https://good.example:443@evil.example/",
		"http://:secret@evil.example",
		"https://good.example%2F@evil.example/",
		"https://user@[2001:db8::1]/",
	]) {
		expect(linkify(`see ${address} now`)).toEqual([{ text: `see ${address} now`, href: null }]);
	}
	// Behind the name of the host an @ is as good as any other character.
	const post = "https://social.example/@ada/1?mail=a@b.example#@";
	expect(linked(post)).toEqual([post]);
});
