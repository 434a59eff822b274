// Runs stories and ends with a line that counts them:
//
//     node tests/run.mjs stories|slow|bench|cloud|before|tidy [name]
//
// Two stories run at a time, because a story needs about one processor for its two browsers. Those
// that mostly wait run beside them, one at a time. Those that change the network run before them,
// alone. Timed stories run alone, so that a call does not wait for another call's encoder.
// SIGHTLINE_AT_ONCE sets another number.

import { once } from "node:events";
import { readdirSync } from "node:fs";
import { PassThrough } from "node:stream";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

/** Stories that also run against the cloud. The others test pages, which are the same there. */
const CLOUD = [
	"afterwards",
	"brand",
	"call",
	"claims",
	"errors",
	"figures",
	"guest",
	"keys",
	"lines",
	"links",
	"picture",
	"picture-agent",
	"picture-trouble",
	"preview",
	"programs",
	"reload",
	"waits",
	"webhooks",
	"without-udp",
];

/** The longest stories run first, so that none of them runs alone at the end. */
const LONGEST = [
	"waits",
	"screens",
	"picture",
	"picture-trouble",
	"afterwards",
	"call",
	"firefox-customer",
	"firefox-agent",
	"links",
	"lost-files",
	"devices",
	"picture-gestures",
];

/** They give this machine another address: browsers beside them would give up their pages. */
const ALONE = ["lan"];

/** Stories that need a fraction of a processor, because people wait in them. */
const WAITING = ["waits", "preview", "programs"];

const AT_ONCE = { stories: 2, slow: 1, bench: 1, cloud: 2, before: 1, tidy: 1 };

const [kind = "stories", only = ""] = process.argv.slice(2);
const folder = fileURLToPath(new URL("./stories/", import.meta.url));
const files = {
	stories: () => stories(".story.mjs"),
	slow: () => stories(".slow.mjs"),
	bench: () => stories(".bench.mjs"),
	cloud: () => [...stories(".story.mjs").filter((file) => CLOUD.includes(nameOf(file))), ...stories(".cloud.mjs")],
	before: () => stories(".before.mjs"),
	tidy: () => [fileURLToPath(new URL("./tidy.mjs", import.meta.url))],
}[kind]?.();

if (files === undefined || files.length === 0) {
	console.error(`nothing to run: ${kind} ${only}`);
	process.exit(1);
}

if (kind === "cloud") process.env.SIGHTLINE_WORLD = "cloud";

let passed = 0;
let failed = 0;
const at_once = Number(process.env.SIGHTLINE_AT_ONCE ?? AT_ONCE[kind]);
const [alone, together] = parted(files, ALONE);
const [waiting, others] = at_once === 1 ? [[], together] : parted(together, WAITING);
const results = new PassThrough({ objectMode: true });
process.once("beforeExit", () => {
	console.log(`\n${kind}: ${passed} passed, ${failed} failed`);
	process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});
results.pipe(new spec()).pipe(process.stdout);
await lane(alone, 1);
await Promise.all([lane(waiting, 1), lane(others, at_once)]);
results.end();

/** Runs some of the files at a time and waits for their end. */
async function lane(some, concurrency) {
	if (some.length === 0) return;
	const stream = run({ files: some, concurrency });
	stream.on("test:pass", (test) => count(test, () => (passed += 1)));
	stream.on("test:fail", (test) => count(test, () => (failed += 1)));
	stream.pipe(results, { end: false });
	await once(stream, "end");
}

/** The files that have one of the names, and the others. */
function parted(some, names) {
	const named = (file) => names.includes(nameOf(file));
	return [some.filter(named), some.filter((file) => !named(file))];
}

/** @param {string} ending */
function stories(ending) {
	return readdirSync(folder)
		.filter((name) => name.endsWith(ending) && name.includes(only))
		.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
		.map((name) => folder + name);
}

function rank(file) {
	const place = LONGEST.indexOf(nameOf(file));
	return place === -1 ? LONGEST.length : place;
}

/** The name of a story's file before its first dot. */
function nameOf(file) {
	return file.slice(file.lastIndexOf("/") + 1).split(".")[0];
}

/** Counts a test. A file is reported as a test too, and counts only if it failed to load. */
function count(test, add) {
	if (!files.includes(test.name) || test.details.error) add();
}
