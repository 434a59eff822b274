// Runs stories one after the other and closes with a line that counts them: `node tests/run.mjs
// stories|slow|cloud|tidy [name]`. One at a time, because each starts two browsers and a call must
// not wait for another one's encoder.

import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

/**
 * Stories that are told through the functions as well. The others are about pages, which are the
 * same.
 */
const CLOUD = [
	"call",
	"errors",
	"links",
	"picture",
	"picture-agent",
	"picture-trouble",
	"preview",
	"reload",
	"without-udp",
];

const [kind = "stories", only = ""] = process.argv.slice(2);
const folder = fileURLToPath(new URL("./stories/", import.meta.url));
const files = {
	stories: () => stories(".story.mjs"),
	slow: () => stories(".slow.mjs"),
	cloud: () => [
		...stories(".story.mjs").filter((file) => CLOUD.some((name) => file.endsWith(`/${name}.story.mjs`))),
		...stories(".cloud.mjs"),
	],
	tidy: () => [fileURLToPath(new URL("./tidy.mjs", import.meta.url))],
}[kind]?.();

if (files === undefined || files.length === 0) {
	console.error(`nothing to run: ${kind} ${only}`);
	process.exit(1);
}

if (kind === "cloud") process.env.SIGHTLINE_WORLD = "cloud";

let passed = 0;
let failed = 0;
const results = run({ files, concurrency: 1 });
results.on("test:pass", (test) => count(test, () => (passed += 1)));
results.on("test:fail", (test) => count(test, () => (failed += 1)));
process.once("beforeExit", () => {
	console.log(`\n${kind}: ${passed} passed, ${failed} failed`);
	process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});
results.compose(new spec()).pipe(process.stdout);

/** @param {string} ending */
function stories(ending) {
	return readdirSync(folder)
		.filter((name) => name.endsWith(ending) && name.includes(only))
		.sort()
		.map((name) => folder + name);
}

/** A file is a test of its own only when it broke before its tests. */
function count(test, add) {
	if (!files.includes(test.name) || test.details.error) add();
}
