// Nothing that stands on a screen is moved by what comes.

import assert from "node:assert/strict";
import { measure, measured, wholeCall } from "./calm.mjs";
import { story } from "./stage.mjs";

story("nothing jumps on either page, from the invite to the rating", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([
		stage.agent(world, { script: measure }),
		stage.customer(world, { script: measure, camera: "landmarks" }),
	]);
	await wholeCall(world, agent, customer);
	const [atAgent, atCustomer] = await Promise.all([agent, customer].map(measured));
	const moved = { agent: atAgent.shifts, customer: atCustomer.shifts };
	assert.deepEqual(moved, { agent: [], customer: [] }, "moved without a press");
});
