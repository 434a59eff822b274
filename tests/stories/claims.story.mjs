// A claims system beside the agent: it invites by the API, the agent takes the call at its address,
// and the case is fetched and erased. The program is typed by the API's own document.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as claims from "../programs/claims.mjs";
import { client, isTyped } from "../programs/client.mjs";
import { Board } from "./board.mjs";
import { ROOT } from "./built.mjs";
import { story } from "./stage.mjs";

const CHECK = [join(ROOT, ".venv/case/bin/python"), join(ROOT, "tests/case/check.py")];

story("a claims system invites, the agent takes the call, and the case is fetched and erased", async (stage) => {
	const world = await stage.world();
	const { same, faults } = await isTyped(world.base);
	assert.ok(same, "tests/programs/v1.d.ts is not what the document says: run this story with UPDATE=1");
	assert.equal(faults, "");
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	const api = client(world.base, await world.api_key(["invite", "read", "case", "erase"]));

	const invited = await claims.invites(api, await world.agent_subject());
	const texts = await world.texts();
	assert.equal(texts.length, 1, "the repetition texts nothing");
	assert.equal(texts[0].link, invited.link);
	await agent.page.goto(invited.console);
	await agent.sees("Waiting for the customer");
	await customer.opens(invited.link);
	await customer.joins();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	await claims.waits(api, invited.id);
	const boards = [new Board(agent), new Board(customer)];
	await agent.button("Take screenshot").click();
	await Promise.all(boards.map((board) => board.opens()));
	await Promise.all(boards.map((board) => board.isSharp()));
	await agent.button("Back to live").click();
	await agent.endsCall();
	await agent.sees("Call ended");

	const { picture, file } = await claims.reads(api, invited.id);
	assert.ok(
		(await world.pictures()).some(({ bytes }) => bytes.equals(picture)),
		"it is the stored one",
	);
	await isChecked(world, file);
	await claims.erases(api, invited.id);
});

/** Others' programs check the bag and its signature. */
async function isChecked(world, file) {
	const folder = mkdtempSync(join(tmpdir(), "sightline-claims-"));
	const [zip, keys] = [join(folder, "case.zip"), join(folder, "keys.json")];
	writeFileSync(zip, file);
	writeFileSync(keys, await (await fetch(`${world.base}/.well-known/jwks.json`)).text());
	const { status, stderr } = spawnSync(CHECK[0], [CHECK[1], zip, keys], { encoding: "utf8" });
	rmSync(folder, { recursive: true });
	assert.equal(status, 0, stderr);
}
