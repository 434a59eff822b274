// Stories in which people wait for minutes. They need little of the processor, so other stories run
// beside them (see run.mjs).

import assert from "node:assert/strict";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { AGENT_NAME } from "./world.mjs";

/** Loading a page needs the processor, so it is not tried more often. */
const RELOAD_MS = 3_000;

story("an expired invite is reported in the lobby, at a newly opened link, and to the agent", async (stage) => {
	// One minute is the shortest lifetime of an invite.
	const world = await stage.world("--invite-minutes", "1");
	const [agent, early, late] = await Promise.all([stage.agent(world), stage.customer(world), stage.customer(world)]);
	await agent.invites();
	const { link } = await world.last_sms();
	await early.opens(link);
	await early.button("Join").waitFor();
	await until(
		"the link has expired",
		async () => {
			await late.page.goto("about:blank");
			await late.opens(link);
			// The lobby stands there before the server has told what the link is.
			await late.sees("This link has expired", 10_000);
			return true;
		},
		200_000,
		RELOAD_MS,
	);
	assert.equal(await late.page.getByText(AGENT_NAME).count(), 0, "a link that is over names nobody");
	await photograph(late, "link-expired");
	await early.button("Join").tap();
	await early.sees("This link has expired");
	await agent.page
		.getByText(/expired/i)
		.first()
		.waitFor();
	await photograph(agent, "agent-expired");
});

/** The page allows a second text message 30 s after the first; a slow machine has a minute more. */
const COOL_DOWN_MS = 90_000;

story("another link can be copied, shown as a QR code, and sent again", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	await agent.context.grantPermissions(["clipboard-read", "clipboard-write", "microphone"]);
	await agent.invites();

	await agent.button("Copy link").click();
	const copied = await until("a link is in the clipboard", async () => {
		const text = await agent.page.evaluate(() => navigator.clipboard.readText());
		return text.startsWith(`${world.base}/j#`) && text;
	});
	await agent.button("Show QR code").click();
	await agent.page.getByRole("img", { name: /QR/ }).waitFor();
	await agent.page.keyboard.press("Escape");

	await agent.button("Send again").click({ timeout: COOL_DOWN_MS });
	await until("a second text message goes out", async () => (await world.texts()).length === 2);
	const links = new Set([copied, ...(await world.texts()).map((sms) => sms.link)]);
	assert.equal(links.size, 3, "every link is different");
	await customer.opens(copied);
	await customer.joins();
	await agent.isInCall();
});
