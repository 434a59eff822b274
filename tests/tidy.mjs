// The rules of the house that a program can see. Each says what to do when it is broken.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { files, GENERATED, ROOT, read } from "./tidy/house.mjs";
import "./tidy/code.mjs";
import "./tidy/make.mjs";
import "./tidy/supply.mjs";
import "./tidy/threats.mjs";

const LINES_MAX = 600;
const PROSE_WIDTH = 120;
const README_LINES = 120;
const SELF = "tests/tidy.mjs";

/** Crates that reach the world outside, by name or by the beginning of their names. */
const IO_CRATES =
	/^(tokio|async-std|smol|mio|socket2|hyper|axum|tower|reqwest|tungstenite|redb|rusqlite|sled|aws-config|lambda_http|lambda_runtime|notify|clap|tracing-subscriber)$|^(aws-(config|sdk|smithy)|tokio|axum|hyper|tower)-/;

/** The edges where the clock may be read; everywhere else time is an argument. */
const READS_CLOCK = ["functions/local/", "functions/aws/", "relay/server/", "infra/publisher/", "tests/"];

/** Who may speak to AWS: the plug, and what ships things during a deployment. */
const SPEAKS_AWS = ["functions/aws/", "infra/publisher/"];

const ours = files.filter((path) => /\.(rs|ts|tsx|mjs|js|css|html|sh)$/.test(path) && !GENERATED.includes(path));

/** What people read from beginning to end. */
const PROSE = files.filter((file) => /^(README|wire\/README|docs\/[\w-]+)\.md$/.test(file));

test("session and room have no crate among their dependencies that reaches outside", () => {
	for (const crate of ["sightline-session", "sightline-room", "sightline-wire"]) {
		const reaching = dependencies(crate).filter((name) => IO_CRATES.test(name));
		assert.deepEqual(
			reaching,
			[],
			`${crate} decides and touches nothing: move what needs these crates to host, local or server`,
		);
	}
});

test("host knows neither the cloud nor the desk, and only the plug and the publisher know the AWS SDK", () => {
	const host = direct("sightline-host").filter((name) => /^(tokio|redb|aws-(config|sdk))/.test(name));
	assert.deepEqual(host, [], "functions/host asks the world through its ports: put this behind one");
	for (const manifest of files.filter(
		(path) => path.endsWith("Cargo.toml") && path !== "Cargo.toml" && !SPEAKS_AWS.some((room) => path.startsWith(room)),
	)) {
		assert.doesNotMatch(
			read(manifest),
			/^aws-(config|sdk-|smithy)/m,
			`${manifest}: the AWS SDK belongs to functions/aws`,
		);
	}
});

test("tests ask nothing further of dependencies than a deployment does", () => {
	const [shipped, built, tested] = ["normal", "normal,build", "normal,build,dev"].map(packagesWithFeatures);
	// What only build scripts use has a copy of its own, since builds name their target.
	const names = new Set(shipped.map((line) => line.split("|")[0]));
	const further = tested.filter((line) => names.has(line.split("|")[0]) && !built.includes(line));
	assert.deepEqual(
		further,
		[],
		"cargo would compile these and all above them twice: leave the feature out of [dev-dependencies]",
	);
});

test("the clock is read at the edges only", () => {
	for (const path of ours.filter(
		(file) => file.endsWith(".rs") && !READS_CLOCK.some((edge) => file.startsWith(edge)),
	)) {
		const text = withoutTests(path, read(path));
		assert.doesNotMatch(text, /(Instant|SystemTime)::now\(/, `${path}: take the time as an argument`);
		assert.doesNotMatch(
			text,
			/(allow|expect)\([^)]*clippy::disallowed_methods/,
			`${path}: take the time as an argument`,
		);
	}
});

test("the web's minds know neither the page, nor the network, nor a clock", () => {
	for (const path of ours.filter((file) => /^web\/src\/(session|ink)\//.test(file))) {
		const text = withoutComments(read(path));
		const outside =
			/\b(document|window|navigator|localStorage|sessionStorage|WebSocket|RTC\w+|fetch|XMLHttpRequest|setTimeout|setInterval|requestAnimationFrame|performance)\b[.(]|\b(Date\.now|Math\.random)\b/.exec(
				text,
			);
		assert.equal(
			outside,
			null,
			`${path}: "${outside?.[0]}" belongs to link/ or a page; take its result as an argument`,
		);
		for (const [, from] of text.matchAll(/from "([^"]+)"/g)) {
			assert.match(
				from,
				/^\.\/|^\.\.\/(wire|session|ink)\//,
				`${path} imports "${from}": a mind imports words and minds`,
			);
		}
	}
});

test("no file is longer than one topic needs", () => {
	for (const path of ours) {
		const lines = read(path).split("\n").length - 1;
		assert.ok(lines <= LINES_MAX, `${path} has ${lines} lines; above ${LINES_MAX} two topics share a file: part them`);
	}
});

test("nothing is left for later in the code", () => {
	for (const path of ours.filter((file) => file !== SELF)) {
		const found = /\b(TODO|FIXME|XXX|HACK)\b|\b(todo|unimplemented)!\(|being built/.exec(read(path));
		assert.equal(found, null, `${path}: "${found?.[0]}": do it, or file an issue`);
	}
});

test("no log line carries a number, a secret, a session description or a chat line", () => {
	const personal = /[%?{]\s*(?:\w+\.)*(secret|token|cookie|number|phone|sdp|text|link|to|name)\b/;
	for (const path of ours.filter((file) => file.endsWith(".rs"))) {
		for (const [call] of read(path).matchAll(/\b(?:trace|debug|info|warn|error)!\((?:[^;]|;(?!\n))*?\);/g)) {
			assert.doesNotMatch(call, personal, `${path}: log the session's id, and nothing that belongs to a person`);
		}
	}
});

test("nothing tells of the machine it was made on", () => {
	const machine = /(?<![\w.])\/(work|root|home\/\w+)\//;
	for (const path of files.filter((file) => file !== SELF && !/\.(png|ico|woff2)$/.test(file))) {
		const found = machine.exec(read(path));
		assert.equal(found, null, `${path}: "${found?.[0]}" is a path of one machine`);
	}
	for (const path of files.filter((file) => file.endsWith("package-lock.json"))) {
		assert.doesNotMatch(read(path), /"resolved": "(?!\.)/, `${path}: make it with omit-lockfile-registry-resolved`);
	}
	const sources = new Set([...read("Cargo.lock").matchAll(/^source = "(.*)"$/gm)].map(([, source]) => source));
	assert.deepEqual(
		[...sources],
		["registry+https://github.com/rust-lang/crates.io-index"],
		"Cargo.lock names the public registry only",
	);
});

test("npm packages are pinned to one version", () => {
	for (const path of files.filter((file) => file.endsWith("package.json"))) {
		const manifest = JSON.parse(read(path));
		for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
			assert.match(version, /^\d/, `${path}: pin ${name} exactly`);
		}
	}
});

test("every crate opens with what it is", () => {
	for (const path of ours.filter((file) => /\/src\/(lib|main)\.rs$/.test(file))) {
		assert.match(read(path), /^\/\/! \S/, `${path}: begin with what this is, and what it deliberately is not`);
	}
});

test("the protocol's prose tells of every message, every route and every sample", () => {
	const prose = read("wire/README.md");
	const told = (word) => assert.ok(prose.includes(word), `wire/README.md does not tell of ${word}`);
	for (const [, tag] of read("web/src/wire/generated.ts").matchAll(/"(?:type|why|error)": "(\w+)"/g))
		told(`\`${tag}\``);
	for (const sample of files.filter((file) => file.startsWith("wire/samples/"))) told(sample.replace("wire/", ""));
	for (const sample of files.filter((file) => /^wire\/samples\/(from|to)_relay\//.test(file)))
		told(`\`${JSON.parse(read(sample)).type}\``);
	for (const [, path] of read("wire/src/api.rs").matchAll(/`(?:GET|POST) (\/api\/[\w/{}-]+)/g)) told(path);
	for (const [, path] of prose.matchAll(/\]\((samples\/[^)]+)\)/g))
		assert.ok(existsSync(`${ROOT}wire/${path}`), `wire/README.md names wire/${path}, which is not there`);
});

test("README and docs/ name files that are there", () => {
	for (const document of PROSE.filter((path) => path !== "wire/README.md")) {
		const text = read(document);
		for (const [, path] of text.matchAll(/`((?:wire|functions|relay|web|infra|tests|docs|\.ci)\/[\w./-]*)`/g)) {
			// Pictures are made by the stories.
			const there = path === "tests/pictures/" || existsSync(ROOT + path);
			assert.ok(there, `${document} names ${path}, which does not exist: name the file that took its place`);
		}
		for (const [, name, path] of text.matchAll(/`(\w+)` in `([\w./-]+\.\w+)`/g)) {
			assert.ok(read(path).includes(name), `${document} says that ${path} has ${name}, but it does not`);
		}
		const folder = document.slice(0, document.lastIndexOf("/") + 1);
		for (const link of text.matchAll(/\]\(([^)#:\s]*)(?:#([^)\s]+))?\)|src="([^":]+)"/g)) {
			const [, path, heading, image] = link;
			const target = posix.normalize(folder + (path || image || document.slice(folder.length)));
			assert.ok(existsSync(ROOT + target), `${document} links to ${target}, which does not exist`);
			if (heading === undefined) continue;
			assert.ok(headings(target).includes(heading), `${document} links to ${target}#${heading}: no such heading`);
		}
	}
});

test("prose is at most 120 wide, and README at most 120 lines", () => {
	for (const document of PROSE) {
		const long = proseLines(document).filter((line) => line.length > PROSE_WIDTH);
		assert.deepEqual(long, [], `${document}: wrap these lines at ${PROSE_WIDTH} characters`);
	}
	const lines = read("README.md").split("\n").length - 1;
	assert.ok(lines <= README_LINES, `README.md has ${lines} lines, at most ${README_LINES}: move what is long to docs/`);
});

/** Everything the crate is built with, however deep. */
function dependencies(crate) {
	return tree(crate, []);
}

function direct(crate) {
	return tree(crate, ["--depth", "1"]);
}

function tree(crate, flags) {
	const text = execFileSync(
		"cargo",
		["tree", "--locked", "-p", crate, "-e", "normal", "--prefix", "none", "--format", "{p}", ...flags],
		{
			cwd: ROOT,
			encoding: "utf8",
		},
	);
	return [...new Set(text.split("\n").map((line) => line.split(" ")[0]))].filter(
		(name) => name !== "" && name !== crate,
	);
}

/** The lines that can be wrapped: without tables, blocks of code and lines that are one link. */
function proseLines(path) {
	const text = read(path).replace(/^```[\s\S]*?^```$/gm, "");
	return text.split("\n").filter((line) => !line.startsWith("|") && !/^\s*([-*] )?\S*\]\([^)\s]+\)[.,;:]?$/.test(line));
}

/** The anchors of a document's headings, as GitHub makes them. */
function headings(path) {
	const titles = [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title);
	return titles.map((title) =>
		title
			.toLowerCase()
			.replace(/[^\w\s-]/g, "")
			.replace(/\s/g, "-"),
	);
}

/** Every package from the registry that the house is built with, and its features. */
function packagesWithFeatures(edges) {
	const flags = ["tree", "--locked", "--workspace", "-e", edges, "--prefix", "none", "--format", "{p}|{f}"];
	const text = execFileSync("cargo", flags, { cwd: ROOT, encoding: "utf8" });
	const lines = text.split("\n").map((line) => line.replace(/ \(\*\)$/, ""));
	return [...new Set(lines)].filter((line) => line !== "" && !line.startsWith("sightline-"));
}

function withoutComments(text) {
	return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}

/** Tests stand last in a file, or in files of their own. */
function withoutTests(path, text) {
	return /\/tests(\/|\.rs)/.test(path) ? "" : text.split("#[cfg(test)]\nmod ")[0];
}
