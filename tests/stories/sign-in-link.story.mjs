// Sign-in links, which only the desk has.

import assert from "node:assert/strict";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { AGENT_NAME } from "./world.mjs";

story("a sign-in link works once, and no script of its page makes a policy of Trusted Types", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world);
	const spent = await world.sign_in();
	await agent.page.goto(spent);
	await agent.sees("Start a call");
	assert.equal(await agent.page.evaluate(policyOfNoName), "TypeError", "no script makes a policy of Trusted Types");
	await until("the browser reports the violation", () => agent.faults.length > 0);
	assert.match(agent.faults.splice(0).join("\n"), /^[^\n]*trusted-types 'none'[^\n]*$/);
	const other = await stage.customer(world);
	await other.page.goto(spent);
	await other.page
		.getByText(/sign-in link|used|expired/i)
		.first()
		.waitFor();
	assert.equal(await other.heading("Start a call").count(), 0);
	await other.page.goto("/agent");
	await other.page
		.getByText(/sign in/i)
		.first()
		.waitFor();
	assert.equal(await other.page.getByText(AGENT_NAME).count(), 0);
});

/** Runs in the page: what happens to a script that would let its own texts pass as scripts. */
function policyOfNoName() {
	const passing = (text) => text;
	try {
		return globalThis.trustedTypes.createPolicy("any", { createHTML: passing, createScriptURL: passing }).name;
	} catch (error) {
		return error.name;
	}
}
