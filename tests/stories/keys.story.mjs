// A key of the API, from its making to its end: an admin makes it, another program uses it, the
// list says so, and once it is revoked the program is refused.

import assert from "node:assert/strict";
import { everybodyCanUse } from "./axe.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { AGENT_NAME } from "./world.mjs";

story("an admin makes a key, a program reads calls with it, and it is revoked", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world);
	const { page } = agent;
	await page.getByRole("link", { name: "Admin", exact: true }).click();
	await page.getByRole("link", { name: "API keys", exact: true }).click();
	await agent.sees("API keys");
	await page.getByText("There is no key yet.").waitFor();

	await agent.button("Make a key").click();
	const dialog = page.getByRole("dialog");
	const make = dialog.getByRole("button", { name: "Make a key", exact: true });
	await make.click();
	await dialog.getByText("Please give the key a name.").waitFor();
	await dialog.getByText("Please choose at least one.").waitFor();
	await agent.field("Name").fill("Claims system");
	await dialog.getByLabel("Read calls, pictures and agents").check();
	await photograph(agent, "agent-key-make");
	await make.click();
	const shown = agent.field("The key “Claims system”");
	const secret = await until("the key is shown", async () => (await shown.inputValue()) || null);
	assert.match(secret, /^slk_[\w-]{43}$/);
	await agent.button("Done").click();

	assert.equal(await asks(world, secret), 200);
	assert.equal(await asks(world, other(secret)), 401);
	await page.reload();
	const line = page.getByRole("row", { name: "Claims system" });
	await until("the list says when it was used", async () => !(await line.textContent())?.includes("never"));
	await photograph(agent, "agent-keys");
	assert.ok(!(await page.content()).includes(secret), "the key is not shown again");

	await line.getByRole("button", { name: "Revoke", exact: true }).click();
	await agent.button("Cancel").click();
	assert.equal(await asks(world, secret), 200);
	await line.getByRole("button", { name: "Revoke", exact: true }).click();
	await agent.button("Revoke it").click();
	await page.getByText("There is no key yet.").waitFor();
	assert.equal(await asks(world, secret), 401);

	await page.getByRole("link", { name: "Audit log", exact: true }).click();
	await agent.sees("Audit log");
	for (const deed of ["signed in", "revoked a key", "looked at the audit log"]) {
		await page
			.getByRole("row", { name: new RegExp(`${AGENT_NAME} ${deed}`) })
			.first()
			.waitFor();
	}
	await page.getByText(/^made a key: .?Claims system/).waitFor();
	await everybodyCanUse(agent, "agent-audit");
	await photograph(agent, "agent-audit");
});

/** A key of the same form that is not this one, whatever its letters are. */
const other = (secret) => `${secret.slice(0, 9)}${secret[9] === "A" ? "B" : "A"}${secret.slice(10)}`;

/** The status of a program's request. */
async function asks(world, secret) {
	const headers = { authorization: `Bearer ${secret}` };
	return (await fetch(`${world.base}/api/v1/calls`, { headers })).status;
}
