// What a page says when a link is not usable, and what happens when a link is opened twice.

import assert from "node:assert/strict";
import { BARS } from "./cards.mjs";
import { NUMBER, REFERENCE } from "./people.mjs";
import { photograph } from "./pictures.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

story("an unknown link says so", async (stage) => {
	const world = await stage.world();
	const customer = await stage.customer(world);
	for (const link of ["/j#nonsense", "/j#AAAAAAAAAAAAAAAAAAAAAA", "/j#s=AAAAAAAAAAAAAAAAAAAAAA"]) {
		await customer.page.goto("about:blank");
		await customer.opens(link);
		await customer.sees("This link is not valid");
	}
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
	await invitesAgain(agent);
	await customer.sees("This invitation was cancelled");
	await until("the camera is off", async () => (await customer.lights("video")) === 0);
	await customer.page.goto("about:blank");
	await customer.opens(link);
	await customer.sees("This invitation was cancelled");
});

story("the link of a call that is over says so", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	for (const person of [agent, customer]) {
		await person.says("and goodbye");
		await person.field("Message").fill("never sent");
		await person.closesChat();
	}
	await agent.endsCall();
	await agent.button("Invite again").waitFor();
	await customer.sees("Call ended");
	await Promise.all([agent, customer].map(keepsNothing));
	const late = await stage.customer(world);
	await late.opens((await world.last_sms()).link);
	await late.sees("This call has ended");
});

story("a phone comes in by a code; a second one takes the call over, and the first one says so", async (stage) => {
	const world = await stage.world();
	const [agent, first] = await Promise.all([stage.agent(world), stage.customer(world)]);
	await agent.invites();
	const code = await agent.code();
	assert.match(code, /^[2-9A-HJKMNP-Z]{8}$/);
	await first.opens("/j");
	await first.typesCode("10 OIL");
	await first.page.getByRole("alert").getByText("This is not a code").waitFor();
	await first.typesCode(code === "22222222" ? "33333333" : "2222 2222");
	await first.page.getByRole("alert").getByText("This code does not work").waitFor();
	await first.typesCode(` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)} `);
	await first.field("Your name").waitFor();
	assert.match(await agent.progress(), /Invitation sent/, "Continue only looks");
	assert.deepEqual(await first.context.cookies(), []);
	await first.joins();
	await Promise.all([agent.isInCall(), first.isInCall()]);
	const voided = await fetch(`${world.base}/api/look`, {
		method: "POST",
		headers: { "content-type": "application/json", origin: world.base },
		body: JSON.stringify({ code }),
	});
	assert.equal(voided.status, 404, "the code is void after the first join");

	const second = await stage.customer(world);
	await second.opens((await world.last_sms()).link);
	await second.button("Move the call here").waitFor();
	await first.isConnected();

	await second.joins("Ada", "Move the call here");
	await first.sees("The call moved to another device");
	await keepsNothing(first);
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

/** A call that is over for a page leaves nothing of it in the tab. */
async function keepsNothing({ who, page }) {
	await until(`the ${who}'s tab remembers nothing`, async () => {
		const keys = await page.evaluate(() => Object.keys(sessionStorage));
		if (keys.length > 0) throw new Error(keys.join(" "));
		return true;
	});
}

story("the agent takes the link back: the page in the call says so, and only the new link leads in", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	const { link } = await world.last_sms();
	const controls = agent.page.getByRole("group", { name: "Guest's controls", exact: true });
	await controls.getByRole("button", { name: "Remove and renew link", exact: true }).click();
	const dialog = agent.page.getByRole("dialog");
	await dialog.getByRole("img", { name: /QR/ }).waitFor();
	const renewed = (await dialog.getByText(/\/j#/).textContent()) ?? "";
	assert.notEqual(renewed, link);
	await photograph(agent, "agent-link-renewed");
	await customer.sees("This link was renewed");
	await until("the camera is off", async () => (await customer.lights("video")) === 0);
	await photograph(customer, "customer-link-renewed");

	const stranger = await stage.customer(world);
	await stranger.opens(link);
	await stranger.sees("This link is not valid");
	await stranger.page.goto("about:blank");
	await stranger.opens(renewed);
	await stranger.joins("Ada again");
	await stranger.isInCall();
});

/** The end of a call leads to the form with what it had. */
async function invitesAgain(agent) {
	await agent.button("Invite again").click();
	await agent.sees("Start a call");
	await becomes("the number", () => agent.field("Phone number").inputValue(), NUMBER);
	await becomes("the reference", () => agent.field("Call reference").inputValue(), REFERENCE);
}
