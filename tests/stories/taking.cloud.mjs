// A call that another program made for no agent in particular: the first who opens it takes it.

import assert from "node:assert/strict";
import { client } from "../programs/client.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";

const LINUS = "linus@example.com";

story("two agents open a call that waits for one, and one of them has it", async (stage) => {
	const world = await stage.world();
	await world.addsAgent(LINUS, "Linus");
	const grace = await stage.agent(world);
	const linus = await stage.agentWho(world, (page) => world.signs_in(page, LINUS));
	const customer = await stage.customer(world);
	const api = client(world.base, await world.api_key(["invite", "read"]));
	const made = await api.POST("/api/v1/invites", { body: { reference: "CLAIM-2026-77" } });
	assert.equal(made.response.status, 200);
	const { id, link, console: address } = made.data;
	await customer.opens(link);
	await customer.joins();

	const both = [grace, linus];
	await Promise.all(both.map(({ page }) => page.goto(address)));
	const first = await Promise.any(both.map((agent) => agent.isInCall().then(() => agent)));
	const other = both.find((agent) => agent !== first);
	// An admin may look at calls of others.
	const turnedAway = other === grace ? "This call is still running" : "This call was not found";
	await other.page.getByText(turnedAway, { exact: false }).first().waitFor();
	await photograph(other, "agent-taken");
	const { data: call } = await api.GET("/api/v1/calls/{id}", { params: { path: { id } } });
	assert.equal(call?.agent_name, first === grace ? "Grace" : "Linus");
	await customer.page.locator(`video[aria-label="${call.agent_name}"]`).waitFor();

	await first.endsCall();
	await first.page.getByRole("link", { name: "Open call", exact: true }).click();
	await first.page.getByText(`${call.agent_name} took the call.`, { exact: true }).waitFor();
});
