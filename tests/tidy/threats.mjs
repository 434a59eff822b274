// Rules about threats: the table of docs/security.md names tests that are there, and what no test
// can show by running is read from the sources. Part of tests/tidy.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { read, sources } from "./house.mjs";

const DOCUMENT = "docs/security.md";

/** Threats that the table answers, numbered from 1. */
const THREATS = 34;

/** How a row says that no machine here can hold it. */
const NOT_HERE = "Not held here";

/** What needs no test to be seen: texts become markup by none of these. */
const MARKUP = /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|srcdoc|DOMParser)\b|document\.write/;

test("every threat has a test, and every test that the table names is there", () => {
	assert.deepEqual(faults(read(DOCUMENT), read), [], `${DOCUMENT} must name the tests as they are called`);
});

test("a test that was renamed, skipped or left out of the table is noticed", () => {
	const rows = Array.from({ length: THREATS }, (_, at) => `| T${at + 1}, a threat | met | \`a.rs: it_holds\` |`);
	const table = (list) => `## Threats\n\n| threat | met by | held by |\n|---|---|---|\n${list.join("\n")}\n\n## More\n`;
	const there = () => "#[tokio::test]\nasync fn it_holds() {}\n";
	assert.deepEqual(faults(table(rows), there), []);
	const say = (change, source = there) => faults(table(change([...rows])), source);
	const last = (row) => (list) => list.toSpliced(-1, 1, `| T${THREATS}, a threat | met | ${row} |`);
	for (const found of [
		say((list) => list.toSpliced(7, 1)),
		say(last("")),
		say(last("`a.rs`")),
		say(last("`a.rs: it_holds`, `it_held`")),
		say(last("`a.rs: it_held`")),
		say(last("`a.mjs: it_holds`")),
		say(last("`a.test.ts: it_holds`")),
		say(last("`a.py: it_holds`")),
		say(
			(list) => list,
			() => "fn it_holds() {}\n",
		),
		say(
			(list) => list,
			() => "#[test]\n#[ignore]\nfn it_holds() {}\n",
		),
	]) {
		assert.notDeepEqual(found, []);
	}
	assert.deepEqual(say(last(`${NOT_HERE}: it needs an account.`)), []);
});

test("no text becomes markup or script in the pages", () => {
	for (const path of sources(/^web\/src\/.*\.tsx?$/)) {
		assert.equal(MARKUP.exec(read(path))?.[0], undefined, `${path}: give the text to an element as its text`);
	}
});

test("the relay never stops comparing certificates with what the offer says", () => {
	for (const path of sources(/^(relay|tests)\/.*\.rs$/)) {
		assert.doesNotMatch(read(path), /set_fingerprint_verification/, `${path}: leave str0m's check on`);
	}
});

/**
 * Returns what is wrong with the table of threats, a line each.
 * @param {string} document
 * @param {(path: string) => string} source returns a file, or throws if it is not there
 */
function faults(document, source) {
	const table = document.split(/^## Threats$/m)[1]?.split(/^## /m)[0] ?? "";
	const rows = [...table.matchAll(/^\| T(\d+), [^|]+\|[^|]+\|([^|]*)\|$/gm)];
	const found = [];
	const numbers = rows.map(([, number]) => Number(number));
	const all = Array.from({ length: THREATS }, (_, at) => at + 1);
	if (String(numbers) !== String(all)) found.push(`rows ${numbers.join(", ")}: T1 to T${THREATS}, one row each`);
	for (const [, number, held] of rows) {
		const named = [...held.matchAll(/`([^`]*)`/g)].map(([, one]) => one);
		if (named.length === 0 && !held.includes(NOT_HERE)) found.push(`T${number} has no test`);
		found.push(...named.filter((one) => !isThere(one, source)).map((one) => `T${number}: no test "${one}"`));
	}
	return found;
}

/** Whether a file has a test that is called so and runs. The two are written `file: name`. */
function isThere(named, source) {
	const [, path, name] = /^(\S+\.\w+): (.+)$/.exec(named) ?? [];
	if (path === undefined) return false;
	const called = name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
	const forms = {
		rs: `#\\[(?:tokio::)?test\\b[^\\n]*\\]\\s*(?:#\\[(?!ignore)[^\\n]*\\]\\s*)*(?:async )?fn ${called}\\(`,
		py: `def ${called}\\(`,
	};
	const form = forms[path.split(".").at(-1)] ?? `\\b(?:test|story|linux)(?:\\.each\\([^\\n]*\\))?\\(\\s*"${called}"`;
	try {
		return new RegExp(form).test(source(path));
	} catch {
		return false;
	}
}
