// The texts of the pages in another language, so that stories can find by the English name what a
// page calls by its own.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../../web/src/", import.meta.url));

/** The files of each room's texts; `{}` stands for the language. */
const ROOMS = [
	{
		english: [
			"i18n/en.ts",
			"i18n/en-call.ts",
			"i18n/en-help.ts",
			"i18n/en-live.ts",
			"i18n/en-media.ts",
			"i18n/en-guest.ts",
		],
		other: "i18n/{}.ts",
	},
	{ english: ["agent/words.ts"], other: "agent/languages/{}.ts" },
	{ english: ["agent/detail/words.ts"], other: "agent/languages/{}-detail.ts" },
	{ english: ["agent/guest/words.ts"], other: "agent/languages/{}-guest.ts" },
	{ english: ["agent/admin/webhook-words.ts"], other: "agent/languages/{}-webhooks.ts" },
	{ english: ["agent/admin/words.ts"], other: "agent/languages/{}-admin.ts" },
];

/** The texts of a language by the English ones. @param {string} tag */
export function textsIn(tag) {
	const known = new Map();
	for (const { english, other } of ROOMS) {
		const theirs = texts(other.replace("{}", tag));
		for (const file of english) {
			for (const [key, text] of texts(file)) if (!known.has(text)) known.set(text, theirs.get(key));
		}
	}
	return known;
}

/**
 * A page on which names are looked up by the English ones.
 * @param {import("playwright-core").Page} page
 * @param {string} tag
 * @param {boolean} longer whether the page's texts grow (`LONGER`)
 * @returns {import("playwright-core").Page}
 */
export function speaking(page, tag, longer = false) {
	const known = textsIn(tag);
	const say = (name) => {
		const theirs = known.get(name) ?? name;
		if (!longer || typeof theirs !== "string") return theirs;
		// What only a screen reader says does not grow.
		return new RegExp(`^(${[theirs, grown(theirs)].map(escaped).join("|")})$`);
	};
	const said = {
		getByRole: (role, options = {}) =>
			page.getByRole(role, { ...options, ...(options.name && { name: say(options.name) }) }),
		getByLabel: (name, options) => page.getByLabel(say(name), options),
		getByText: (text, options) => page.getByText(say(text), options),
	};
	return new Proxy(page, {
		get: (of, name) => {
			const value = said[name] ?? Reflect.get(of, name);
			return typeof value === "function" ? value.bind(of) : value;
		},
	});
}

function texts(file) {
	const found = readFileSync(SRC + file, "utf8").matchAll(/^\t(\w+):\s*("(?:[^"\\]|\\.)*"),$/gm);
	return new Map([...found].map(([, key, text]) => [key, JSON.parse(text.replaceAll("\\'", "'"))]));
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A text with two fifths more of its own words. @param {string} text */
function grown(text) {
	const words = text.trim().split(/\s+/);
	let more = "";
	for (let at = 0; more.length < text.trim().length * 0.4; at += 1) more += ` ${words[at % words.length]}`;
	return text + more;
}

/** Runs in the page: every text that is shown grows, names and numbers excepted. */
function grows(grown) {
	const own = new WeakMap();
	const grow = (node) => {
		const text = node.nodeValue ?? "";
		const kept = node.parentElement?.closest(
			"[translate=no], bdi, :not(html)[dir=ltr], [dir=auto], option, title, style, script",
		);
		if (own.get(node) === text || kept || !/\p{L}{2}/u.test(text)) return;
		own.set(node, grown(text));
		node.nodeValue = grown(text);
	};
	const each = (root) => {
		const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
		do if (walk.currentNode.nodeType === Node.TEXT_NODE) grow(walk.currentNode);
		while (walk.nextNode());
	};
	new MutationObserver((records) => {
		for (const { target, addedNodes, type } of records) {
			if (type === "characterData") grow(target);
			for (const added of addedNodes) each(added);
		}
	}).observe(document, { childList: true, characterData: true, subtree: true });
}

/** The script for a page whose texts are longer than any language's. */
export const LONGER = `(${grows})(${grown})`;
