// What a page says when a link is not usable, and what happens when a link is opened twice.

import assert from "node:assert/strict";
import { BARS } from "./cards.mjs";
import { photograph } from "./pictures.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { AGENT_NAME } from "./world.mjs";

story("an unknown link says so", async (stage) => {
	const world = await stage.world();
	const customer = await stage.customer(world);
	for (const link of ["/j", "/j#", "/j#nonsense", "/j#AAAAAAAAAAAAAAAAAAAAAA", "/j#s=AAAAAAAAAAAAAAAAAAAAAA"]) {
		await customer.page.goto("about:blank");
		await customer.opens(link);
		await customer.sees("This link is not valid");
	}
});

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
			await late.heading("This link has expired").waitFor({ timeout: 1_000 });
			return true;
		},
		90_000,
	);
	await late.page.getByText(AGENT_NAME).first().waitFor();
	await photograph(late, "link-expired");
	await early.button("Join").tap();
	await early.sees("This link has expired");
	await agent.page
		.getByText(/expired/i)
		.first()
		.waitFor();
	await photograph(agent, "agent-expired");
});

story("a cancelled invite says so at once, and its link no longer works", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	await agent.invites();
	const { link } = await world.last_sms();
	await customer.opens(link);
	await customer.button("Show my camera").tap();
	await agent.waitsAt(/In the lobby/);

	await agent.cancels();
	await customer.sees("This invitation was cancelled");
	await until("the camera is off", async () => (await customer.lights("video")) === 0);
	await customer.page.goto("about:blank");
	await customer.opens(link);
	await customer.sees("This invitation was cancelled");
});

story("the link of a call that is over says so", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	await agent.endsCall();
	await customer.sees("Call ended");
	const late = await stage.customer(world);
	await late.opens((await world.last_sms()).link);
	await late.sees("This call has ended");
});

story("a second device can take the call over, and the first one says so", async (stage) => {
	const world = await stage.world();
	const { agent, customer: first } = await stage.call(world);
	const second = await stage.customer(world);
	await second.opens((await world.last_sms()).link);
	await second.button("Move the call here").waitFor();
	await first.isConnected();

	await second.joins("Ada", "Move the call here");
	await first.sees("The call moved to another device");
	await until("the first device's camera is off", async () => (await first.lights("video")) === 0);
	await second.isInCall();
	await shows(agent.remote, BARS);
	await second.says("now from here");
	await agent.reads("now from here");
	assert.equal(
		await first.heading("The call moved to another device").isVisible(),
		true,
		"the first device does not take the call back",
	);
});

/** The page allows a second text message 30 s after the first. */
const COOL_DOWN_MS = 40_000;

story("another link can be copied, shown as a QR code, and sent again", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	await agent.context.grantPermissions(["clipboard-read", "clipboard-write"]);
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
