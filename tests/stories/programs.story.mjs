// Another program that does to the API whatever its document allows, and what it does not:
// schemathesis, a minute from a fixed seed. It mostly waits, because a key may make ten requests a
// second. PROGRAM_SECONDS and PROGRAM_SEED set others.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./built.mjs";
import { story } from "./stage.mjs";

const SECONDS = Number(process.env.PROGRAM_SECONDS ?? 60);
const SEED = process.env.PROGRAM_SEED ?? "1";
const CONFIG = join(ROOT, "tests/programs/schemathesis.toml");

story(
	"the API does what its document says, to a program that tries everything",
	async (stage) => {
		const world = await stage.world("--embed-origin", "https://claims.example.com");
		const agent = await stage.agent(world);
		await agent.invites();
		const key = await world.api_key(["invite", "read", "case", "erase", "embed"]);
		const { code, said } = await tried(world.base, key);
		assert.equal(code, 0, said);
		assert.match(said, /Operations: +12 selected/, "no route was left out");
	},
	(SECONDS + 120) * 1_000,
);

/**
 * @param {string} base
 * @param {string} key
 * @returns {Promise<{ code: number | null, said: string }>}
 */
async function tried(base, key) {
	const folder = mkdtempSync(join(tmpdir(), "sightline-programs-"));
	const args = ["--config-file", CONFIG, "run", `${base}/api/v1/openapi.json`];
	args.push("--header", `Authorization: Bearer ${key}`, "--rate-limit", "10/s");
	args.push("--seed", SEED, "--max-time", String(SECONDS), "--checks", "all", "--generation-database", "none");
	const program = spawn(join(ROOT, ".venv/programs/bin/schemathesis"), args, {
		cwd: folder,
		env: { ...process.env, NO_COLOR: "1", SCHEMATHESIS_HOOKS: "" },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let said = "";
	for (const stream of [program.stdout, program.stderr]) stream.on("data", (text) => (said += text));
	/** @type {number | null} */
	const code = await new Promise((done, fail) => {
		program.once("error", fail);
		program.once("close", done);
	});
	rmSync(folder, { recursive: true });
	// A report names the header, and never the key.
	assert.ok(!said.includes(key), "the key is in no report");
	return { code, said };
}
