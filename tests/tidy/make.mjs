// Rules about the commands of the Makefile. Part of tests/tidy.mjs.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { read, ROOT } from "./house.mjs";

/** What a person may set. */
const MAY_BE_SET = ["ARGS", "ATTACK", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR", "DATAGRAMS", "FAULT", "LAN", "STORY"];

/** What make would do. Recipes that call make again do so without doing anything, too. */
function plan(targets, env = {}) {
	const { PATH, HOME } = process.env;
	const words = ["--warn-undefined-variables", "--no-print-directory", "--dry-run", ...targets];
	const { status, stdout, stderr } = spawnSync("make", words, {
		cwd: ROOT,
		encoding: "utf8",
		env: { PATH, HOME, ...env },
	});
	assert.equal(status, 0, stderr);
	return { says: stdout, warns: stderr };
}

test("no recipe of the Makefile uses a variable that nothing sets", () => {
	const targets = [...read("Makefile").matchAll(/^([a-z-]+):.*##/gm)].map(([, name]) => name);
	const { warns } = plan(targets.filter((name) => name !== "test"));
	const names = [...warns.matchAll(/undefined variable '(\w+)'/g)].map(([, name]) => name);
	assert.deepEqual(new Set(names.filter((name) => !MAY_BE_SET.includes(name))), new Set());
	assert.ok(names.includes("ARGS"), "make said what is undefined");
});

test("make run and make link start what cargo built", () => {
	for (const [env, folder] of [
		[{}, "target/debug"],
		[{ CARGO_TARGET_DIR: "/kept" }, "/kept/debug"],
		[
			{ CARGO_TARGET_DIR: "/kept", CARGO_BUILD_TARGET: "x86_64-unknown-linux-gnu" },
			"/kept/x86_64-unknown-linux-gnu/debug",
		],
	]) {
		const { says } = plan(["run", "link"], env);
		assert.match(says, new RegExp(`^exec ${folder}/sightline serve`, "m"));
		assert.match(says, new RegExp(`^${folder}/sightline sign-in-link`, "m"));
	}
});
