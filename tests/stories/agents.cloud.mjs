// An admin takes an agent's access back, in the middle of a call, and gives it again.

import assert from "node:assert/strict";
import { everybodyCanUse } from "./axe.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";

const LINUS = "linus@example.com";

story("an admin takes an agent's access back, which ends their sign-in, and gives it again", async (stage) => {
	const world = await stage.world();
	await world.addsAgent(LINUS, "Linus");
	const admin = await stage.agent(world);
	const linus = await stage.agentWho(world, (page) => world.signs_in(page, LINUS));
	const { page } = admin;
	await linus.invites();
	assert.equal(await linus.page.getByRole("link", { name: "Admin", exact: true }).count(), 0);

	await page.getByRole("link", { name: "Admin", exact: true }).click();
	await page.getByRole("link", { name: "Agents", exact: true }).click();
	await admin.sees("Agents");
	const line = page.getByRole("row", { name: /^Linus/ });
	await page
		.getByRole("row", { name: /^Grace/ })
		.getByText("you", { exact: true })
		.waitFor();
	await line.getByRole("link", { name: "Show calls of “Linus”", exact: true }).click();
	await admin.sees("Calls");
	assert.match(page.url(), /#calls\?agent=/);
	await page.goBack();
	await everybodyCanUse(admin, "agent-agents");

	await line.getByRole("button", { name: "Revoke", exact: true }).click();
	await photograph(admin, "agent-agents-revoke");
	await admin.button("Cancel").click();
	await line.getByRole("button", { name: "Revoke", exact: true }).click();
	await admin.button("Take it back").click();
	await line.getByText(/^taken back/).waitFor();
	await photograph(admin, "agent-agents");
	await linus.page.getByRole("link", { name: "Sign in", exact: true }).waitFor();
	await world.signs_in(linus.page, LINUS);
	await linus.page.getByText("Your access was taken back.", { exact: false }).waitFor();

	await line.getByRole("button", { name: "Allow again", exact: true }).click();
	await line.getByText("yes", { exact: true }).waitFor();
	await world.signs_in(linus.page, LINUS);
	await linus.page.getByText("Linus", { exact: true }).first().waitFor();
});
