// Checks the crates: clippy's lints, then the tests of all of them.
//
//     node tests/rust.mjs
//     node tests/rust.mjs fuzz
//
// The second only runs the fuzz targets (tests/fuzz/README.md), ten seconds each, or FUZZ_SECONDS.
//
// Test programs mostly wait for sockets and clocks, so three run at a time, and the doc tests
// beside them. A line is printed for each program, and the whole output of one that fails.
//
// CI sets RUSTC_WORKSPACE_WRAPPER=clippy-driver, which lints while it compiles. That saves checking
// every crate, dependencies included, before compiling it. Otherwise cargo clippy runs first.

import { spawn } from "node:child_process";
import { dirname, relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const AT_ONCE = 3;

/** Test programs that take longest, by their first source file. They run first. */
const LONGEST = [
	"tests/it/main.rs",
	"relay/server/tests/sockets/main.rs",
	"functions/aws/tests/it/main.rs",
	"relay/room/src/lib.rs",
	"functions/host/src/lib.rs",
];

/** Test programs with fuzz targets. */
const FUZZED = ["functions/host/src/lib.rs", "relay/room/src/lib.rs", "relay/server/src/lib.rs"];

/**
 * @typedef {{ source: string, program: string, folder: string }} Program
 * @typedef {{ name: string, ok: boolean, passed: number }} Outcome
 */

const fuzz_only = process.argv[2] === "fuzz";
if (!fuzz_only) await timed("lints", lint);
const programs = await timed("compilation", compile);
const outcomes = fuzz_only ? await timed("fuzz targets", fuzzed) : await timed("tests", tested);

const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.filter((outcome) => !outcome.ok);
for (const { name } of failed) console.log(`failed: ${name}`);
console.log(`\nrust: ${passed} tests passed, ${failed.length} programs failed`);
process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;

async function lint() {
	if (/clippy-driver$/.test(process.env.RUSTC_WORKSPACE_WRAPPER ?? "")) return;
	const words = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
	const cargo = spawn("cargo", words, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
	if ((await exit(cargo)) !== 0) process.exit(1);
}

/** Compiles the tests and returns their programs. Exits if there is a warning. */
async function compile() {
	const words = ["test", "--locked", "--workspace", "--all-targets", "--no-run", "--message-format", "json"];
	const cargo = spawn("cargo", words, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
	const ended = exit(cargo);
	/** @type {Program[]} */
	const found = [];
	let warned = false;
	for await (const line of createInterface({ input: cargo.stdout })) {
		const said = JSON.parse(line);
		if (said.reason === "compiler-message") {
			warned = true;
			process.stderr.write(said.message.rendered);
		}
		if (said.reason === "compiler-artifact" && said.profile.test && said.executable) {
			const source = relative(ROOT, said.target.src_path);
			found.push({ source, program: said.executable, folder: dirname(said.manifest_path) });
		}
	}
	if ((await ended) !== 0 || warned) process.exit(1);
	return found.sort((a, b) => rank(a) - rank(b) || a.source.localeCompare(b.source));
}

function rank({ source }) {
	const place = LONGEST.indexOf(source);
	return place === -1 ? LONGEST.length : place;
}

async function tested() {
	return (await Promise.all([docs(), ...lanes(programs)])).flat();
}

/** Runs the fuzz targets, as many at a time as there are processors, and prints what each did. */
async function fuzzed() {
	process.env.SIGHTLINE_FUZZ_MS = String(1_000 * Number(process.env.FUZZ_SECONDS ?? 10));
	/** @type {Outcome[]} */
	const done = [];
	for (const { source, program, folder } of programs) {
		if (!FUZZED.includes(source)) continue;
		done.push(await runs(source, program, ["fuzz::tests::", "--nocapture"], folder, /^\w+: \d+ inputs.*$/gm));
	}
	return done;
}

/** Runs programs, some at a time. @param {Program[]} list @returns {Promise<Outcome[]>[]} */
function lanes(list) {
	const left = list.values();
	return Array.from({ length: AT_ONCE }, async () => {
		/** @type {Outcome[]} */
		const done = [];
		for (const { source, program, folder } of left) done.push(await runs(source, program, [], folder));
		return done;
	});
}

function docs() {
	return runs("doc tests", "cargo", ["test", "--locked", "--workspace", "--doc"], ROOT);
}

/**
 * Runs tests and prints how they ended, and lines of the output that match.
 * @returns {Promise<Outcome>}
 */
async function runs(name, program, words, folder, shown = /(?!)/g) {
	const begun = performance.now();
	const child = spawn(program, words, {
		cwd: folder,
		env: { ...process.env, CARGO_MANIFEST_DIR: folder },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let output = "";
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
	const ok = (await exit(child)) === 0;
	const counts = [...output.matchAll(/^test result: \w+\. (\d+) passed/gm)];
	const count = counts.reduce((sum, [, number]) => sum + Number(number), 0);
	const took = seconds(begun);
	for (const [line] of output.matchAll(shown)) console.log(line);
	if (!ok) console.log(`${output}\n✖ ${name} (${took} s)`);
	else if (count > 0) console.log(`✔ ${name}: ${count} passed (${took} s)`);
	return { name, ok, passed: count };
}

/** The code a process exits with, after its output has ended; null if a signal ended it. */
function exit(child) {
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", resolve);
	});
}

/** @template T @param {string} what @param {() => Promise<T>} work @returns {Promise<T>} */
async function timed(what, work) {
	const begun = performance.now();
	const made = await work();
	console.log(`rust: ${what} took ${seconds(begun)} s`);
	return made;
}

function seconds(since) {
	return Math.round((performance.now() - since) / 1000);
}
