// Sign-in links, which only the desk has.

import assert from "node:assert/strict";
import { story } from "./stage.mjs";
import { AGENT_NAME } from "./world.mjs";

story("a sign-in link works once", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world);
	const spent = await world.sign_in();
	await agent.page.goto(spent);
	await agent.sees("Start a call");
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
