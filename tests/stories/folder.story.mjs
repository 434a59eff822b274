// The data folder goes elsewhere during a call: both pages say so, sound and picture go on, and
// what both wrote meanwhile is there once when it is back.

import assert from "node:assert/strict";
import { AGENT_HZ, CUSTOMER_HZ } from "./cards.mjs";
import { photograph } from "./pictures.mjs";
import { hears, moves } from "./senses.mjs";
import { story } from "./stage.mjs";
import { becomes } from "./until.mjs";

const WORDS = /cannot store anything right now/;
const SMALL = { width: 320, height: 568 };

story("the folder goes elsewhere: both read of it and wait, and nothing is lost", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	await agent.says("before");
	await customer.reads("before");
	assert.deepEqual(ills(await world.health()), [200]);

	world.folderGoes();
	await agent.says("from the agent");
	await customer.says("from the customer");
	await customer.closesChat();
	for (const person of [agent, customer]) await person.page.getByText(WORDS).waitFor();
	await photograph(customer, "customer-server-holds", SMALL);
	await photograph(agent, "agent-server-holds");
	await becomes("what the health check says", async () => ills(await world.health()), [
		503,
		"store",
		"pictures",
		"space",
	]);
	await Promise.all([moves(agent.remote), hears(agent.page, CUSTOMER_HZ), hears(customer.page, AGENT_HZ)]);

	world.folderComesBack();
	await Promise.all([agent.reads("from the customer"), customer.reads("from the agent")]);
	for (const person of [agent, customer]) {
		await person.page.getByText(WORDS).waitFor({ state: "detached" });
		for (const text of ["before", "from the agent", "from the customer"]) {
			assert.equal(await person.log.getByText(text, { exact: true }).count(), 1, `${person.who}: ${text}, once`);
		}
	}
	await becomes("what the health check says", async () => ills(await world.health()), [200]);
});

/** The status, and the parts that are not well. */
const ills = ({ status, parts }) => [status, ...parts.filter(({ ok }) => !ok).map(({ name }) => name)];
