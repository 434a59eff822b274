// The look: one set of roles (docs/look.md), their contrast, and no value beside them.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COLOURS, OUTLINE } from "../src/ink/colours";
import type { Me } from "../src/wire/generated";

const ROOT = `${import.meta.dirname}/../../`;
const read = (path: string): string => readFileSync(ROOT + path, "utf8");

const TOKENS = ["web/src/ui/look/page.css", "web/src/ui/look/call.css"];
const ROLES = new Map(TOKENS.flatMap((path) => [...read(path).matchAll(/^\t--([\w-]+): (.+);$/gm)].map(named)));
const STYLES = [
	...readdirSync(`${ROOT}web/src`, { recursive: true, encoding: "utf8" }).map((path) => `web/src/${path}`),
	"functions/host/src/api/v1/docs.css",
	"functions/local/src/server/outbox.css",
].filter((path) => path.endsWith(".css") && !TOKENS.includes(path));

type Scheme = "light" | "dark";
type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** Text, and what it stands on. Over a picture, the picture may be black or white. */
const TEXTS: readonly (readonly [string, readonly string[]])[] = [
	["ink", ["ground", "surface", "accent-soft", "warn-soft"]],
	["ink-soft", ["ground", "surface", "accent-soft"]],
	["accent", ["ground", "surface", "accent-soft"]],
	["good", ["surface", "good-soft"]],
	["surface", ["good"]],
	["warn", ["surface", "warn-soft"]],
	["alarm", ["ground", "surface"]],
	["over", ["fill", "own-fill", "danger", "night", "panel", "glass", "glass-strong", "veil", "outline"]],
	["over-soft", ["night", "panel", "veil", "outline"]],
	["over-link", ["glass-strong", "night"]],
	["failed", ["veil", "panel"]],
	["paper-ink", ["paper"]],
	["outline", ["agent"]],
	["agent", ["outline"]],
];

/** Edges of controls and marks that carry a meaning. */
const MARKS: readonly (readonly [string, readonly string[]])[] = [
	["line-strong", ["surface", "ground"]],
	["accent", ["ground", "surface"]],
	["fill", ["paper"]],
	["good", ["surface"]],
	["alarm", ["surface"]],
	["amber", ["panel", "glass", "night"]],
	["live", ["panel", "night", "glass"]],
	["failed", ["panel", "glass", "night"]],
	["own", ["night", "panel"]],
	["agent", ["panel", "night"]],
];

/** Carry no meaning, or are faint on purpose because nothing can be done there. */
const PLAIN = ["line", "star", "rim", "faint"];

for (const scheme of ["light", "dark"] as const) {
	test(`text can be read in ${scheme}`, () => {
		expect(tooLow(TEXTS, scheme, 4.5)).toEqual([]);
	});

	test(`edges and marks can be seen in ${scheme}`, () => {
		expect(tooLow(MARKS, scheme, 3)).toEqual([]);
	});
}

test("own messages have the blue that the product names as their edge, and text on a darker one", () => {
	expect(ROLES.get("own")).toBe("#3c82f6");
	const [own = ""] = /^\.own \.bubble \{[^}]*\}/m.exec(read("web/src/ui/chat/chat.css")) ?? [];
	expect(own).toMatch(/var\(--own-fill\)\) padding-box, var\(--own\) border-box/);
	// Who asks their system for more contrast gets it.
	expect(read("web/src/ui/look/call.css")).toMatch(/prefers-contrast: more[^}]*--own-fill: #0f5cc0;/);
});

test("each colour is checked against another one, or is plain", () => {
	const colours = [...ROLES.keys()].filter((role) => parts(role) !== null);
	const checked = new Set([...PLAIN, ...[...TEXTS, ...MARKS].flatMap(([mark, grounds]) => [mark, ...grounds])]);
	expect(colours.filter((role) => !checked.has(role))).toEqual([]);
	expect([...checked].filter((role) => !colours.includes(role))).toEqual([]);
});

test("the colour of a business takes the place of the blue, and of nothing else", () => {
	const { brand } = JSON.parse(read("wire/samples/api_me/branded.json")) as Me;
	const roles = Object.keys(brand?.shades ?? {});
	const blue = [...ROLES].filter(([, value]) => value.includes(ROLES.get("fill") ?? "?")).map(([role]) => role);
	expect(roles).toEqual(["accent", "accent-soft", "fill"]);
	expect(roles).toEqual(expect.arrayContaining(blue));
	expect(roles.filter((role) => !ROLES.has(role))).toEqual([]);
});

test("the agent's colour and its outline are those of the ink", () => {
	expect(ROLES.get("agent")).toBe(COLOURS.agent.toLowerCase());
	expect(ROLES.get("outline")).toBe(OUTLINE.toLowerCase());
});

test("each role is explained, and each explained role is there", () => {
	const explained = [...read("docs/look.md").matchAll(/^\| `--([\w-]+)` \|/gm)].map(([, role]) => role);
	expect(explained.sort()).toEqual([...ROLES.keys()].sort());
});

test("each role is used, and each used role is there", () => {
	const text = [...TOKENS, ...STYLES].map(read).join("\n");
	const used = new Set([...text.matchAll(/var\(--([\w-]+)/g)].map(([, role]) => role));
	expect([...ROLES.keys()].filter((role) => !used.has(role))).toEqual([]);
	const set = new Set([...text.matchAll(/^\t+--([\w-]+):/gm)].map(([, role]) => role));
	// A component sets these.
	for (const role of ["ratio", "free-top", "free-height", "share"]) set.add(role);
	expect([...used].filter((role) => !set.has(role ?? ""))).toEqual([]);
});

test("no colour, size of text, radius, shadow or duration stands beside the roles", () => {
	expect(STYLES.length).toBeGreaterThan(15);
	expect(STYLES.flatMap(strays)).toEqual([]);
});

test("strays are found", () => {
	for (const css of [
		"color: #fff;",
		"background: rgb(0 0 0 / 50%);",
		"color: white;",
		"font-size: 17px;",
		"font: 700 1rem/1 serif;",
		"border-radius: 5px;",
		"box-shadow: 0 1px 2px black;",
		"transition: opacity 0.3s;",
		"gap: 0.7rem;",
	]) {
		expect(straysIn(`a {\n\t${css}\n}`), css).toHaveLength(1);
	}
});

function tooLow(pairs: typeof TEXTS, scheme: Scheme, least: number): string[] {
	const all = pairs.flatMap(([mark, grounds]) => grounds.map((ground) => [mark, ground] as const));
	return all
		.map(([mark, ground]) => ({ mark, ground, is: contrast(mark, ground, scheme) }))
		.filter(({ is }) => is < least)
		.map(({ mark, ground, is }) => `${mark} on ${ground}: ${is.toFixed(2)}`);
}

/** The contrast of two roles (WCAG 2.2), at its worst if the ground lets a picture through. */
function contrast(mark: string, ground: string, scheme: Scheme): number {
	const below = colour(ground, scheme);
	const behind = below[3] === 1 ? [below] : [BLACK, WHITE].map((picture) => blended(below, picture));
	return Math.min(...behind.map((area) => ratio(blended(colour(mark, scheme), area), area)));
}

function ratio(one: Colour, other: Colour): number {
	const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
	return (bright + 0.05) / (dark + 0.05);
}

function luminance([red, green, blue]: Colour): number {
	const [r, g, b] = [red, green, blue].map((value) => {
		const part = value / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	}) as [number, number, number];
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function blended([r, g, b, alpha]: Colour, [r2, g2, b2]: Colour): Colour {
	const mix = (over: number, under: number): number => over * alpha + under * (1 - alpha);
	return [mix(r, r2), mix(g, g2), mix(b, b2), 1];
}

function colour(role: string, scheme: Scheme): Colour {
	const found = parts(role);
	if (found === null) throw new Error(`${role} is no colour`);
	const digits = (found.length === 1 ? found[0] : found[scheme === "light" ? 0 : 1]) ?? "";
	const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
	const bytes = (full.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
	const [r = 0, g = 0, b = 0, alpha = 255] = bytes;
	return [r, g, b, alpha / 255];
}

/** The digits of one colour, or of a light and a dark one. */
function parts(role: string): readonly string[] | null {
	const value = ROLES.get(role) ?? "";
	const [, light, dark] = /^light-dark\(#(\w+), #(\w+)\)$/.exec(value) ?? [];
	if (light !== undefined && dark !== undefined) return [light, dark];
	return /^#\w+$/.test(value) ? [value.slice(1)] : null;
}

const BLACK: Colour = [0, 0, 0, 1];
const WHITE: Colour = [255, 255, 255, 1];

function strays(path: string): string[] {
	return straysIn(read(path)).map((stray) => `${path}: ${stray}: use a role of docs/look.md`);
}

function straysIn(css: string): string[] {
	const declarations = [...css.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/(?<=[{;]\s*)([\w-]+):\s*([^;{}]+);/g)];
	return declarations.filter(([, name = "", value = ""]) => isStray(name, value)).map(([text]) => text.trim());
}

function isStray(name: string, value: string): boolean {
	if (/#[0-9a-f]{3,8}\b|\b(rgb|hsl|hwb|lab|lch|oklab|oklch|color)\(/i.test(value)) return true;
	if (/(^|-)(color|background|fill|stroke|shadow|border|outline)(-|$)/.test(name) && NAMED.test(value)) return true;
	// Points are for paper.
	if (name === "font-size") return !/^(var\(--[\w-]+\)|100%|11pt)$/.test(value);
	if (name === "font") return value !== "inherit";
	if (name.endsWith("radius")) return !/^(var\(--radius[\w-]*\)|50%|0|[23]px)$/.test(value);
	if (/^(transition|animation)/.test(name)) return /\d(s|ms)\b/.test(value);
	if (/^(gap|row-gap|column-gap|margin|padding)/.test(name)) return offScale(value);
	return false;
}

/** Space comes in steps of 2 px at the usual size of text; a hairline has one. */
function offScale(value: string): boolean {
	const sizes_px = [...value.matchAll(/(\d*\.?\d+)rem/g)].map(([, size]) => Number(size) * 16);
	return sizes_px.some((px) => px !== 1 && px % 2 !== 0);
}

const NAMED = /\b(white|black|red|green|blue|gr[ae]y|yellow|orange|silver|navy|teal|purple)\b/;

function named([, name = "", value = ""]: RegExpMatchArray): [string, string] {
	return [name, value];
}
