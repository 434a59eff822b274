// Rules about how code is cut and how it reads. Part of tests/tidy.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { read, sources } from "./house.mjs";
import { circlesOfFiles, functions, LINES_MAX, typesTwice, words } from "./shape.mjs";

const COMMENT_WIDTH = 100;

/** Functions that may be longer, each with its reason. The list may only shrink. */
const LONG = new Map([
	["functions/host/src/tests/sign_in/forgeries.rs forgeries", "a list of forged tokens, one after the other"],
	[
		"functions/host/src/tests/sign_in/forgeries.rs mangled_tokens_are_refused_and_never_panic",
		"the same tokens, changed at random, and what must come of them",
	],
	["functions/host/src/tests/sign_in/ways.rs only_the_groups_that_are_let_in_are", "a list of tokens and answers"],
]);

/** Types of the session with the name of what they are on the wire. The list may only shrink. */
const TWICE = ["Event"];

/** Where such a word is right, or still stands. The number may only shrink. */
const WORDS_MAX = 3;

test("no function is longer than a screen", () => {
	const long = functions().filter((one) => one.lines > LINES_MAX && !LONG.has(`${one.path} ${one.name}`));
	const listed = long.map((one) => `${one.path}:${one.line} ${one.name}: ${one.lines} lines`);
	assert.deepEqual(listed, [], `above ${LINES_MAX} lines a function does several things: give them names`);
});

test("comments are at most 100 columns wide", () => {
	const wide = sources(/\.(rs|ts|tsx|mjs|py|sh)$/).flatMap((path) =>
		read(path)
			.split("\n")
			.map((text, at) => ({ text: text.replaceAll("\t", "    "), at: `${path}:${at + 1}` }))
			.filter(({ text }) => text.length > COMMENT_WIDTH && isProse(text))
			.map(({ at }) => at),
	);
	assert.deepEqual(wide, [], "rustfmt and biome do not wrap comments: wrap these by hand");
});

test("a public type's name has one meaning", () => {
	const twice = typesTwice().filter(([name]) => !TWICE.includes(name));
	assert.deepEqual(twice, [], "give one of them another name: a reader searches for names");
});

test("no files of a crate name each other in a circle", () => {
	assert.deepEqual(circlesOfFiles(), [], "move what both need into a file below them");
});

test("sentences have their subject in front", () => {
	const hits = words().map(({ path, line, word }) => `${path}:${line} ${word}`);
	assert.ok(hits.length <= WORDS_MAX, `name the actor, say it in plain words:\n${hits.join("\n")}`);
});

/** A comment that is a line of its own, and no table, link or type in it. */
function isProse(text) {
	return /^\s*(\/\/|\*|\/\*\*|# )/.test(text) && !/^\s*(\/\/[/!]?|\*|#)\s*(\||@typedef|https?:)/.test(text);
}
