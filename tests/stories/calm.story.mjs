// Nothing that stands on a screen is moved by what comes.

import assert from "node:assert/strict";
import { measure, measured, wholeCall } from "./calm.mjs";
import { story } from "./stage.mjs";

story("nothing jumps on either page, from the invite to the rating", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([
		stage.agent(world, { script: measure }),
		stage.customer(world, { script: measure }),
	]);
	await wholeCall(world, agent, customer);
	for (const person of [agent, customer]) {
		const { shifts } = await measured(person);
		assert.deepEqual(shifts, [], `${person.who}: moved without a press`);
	}
});
