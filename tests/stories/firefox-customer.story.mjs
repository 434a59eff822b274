// A customer in Firefox and an agent in Chromium: a call with chat, a picture on which both draw,
// and a reload. The customer's network loses each later file once.

import assert from "node:assert/strict";
import { BASE, Board, keeps, kept } from "./board.mjs";
import { AGENT_HZ, STRIPES } from "./cards.mjs";
import { FIREFOX_HZ, chat, drawAndSend } from "./interop.mjs";
import { losesLaterFiles, namesOf } from "./lost.mjs";
import { hears, records, shows, showsTheSame } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

/** Each file comes at the second try. */
const LOST_MS = 1_000;

story("a customer in Firefox sees, hears, is seen and heard, chats, draws, sends and reloads", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world, { browser: "firefox" })]);
	// Firefox answers the same import again from its module map: a lost file must still come.
	const lost = await losesLaterFiles(customer, LOST_MS);
	await agent.invites();
	await customer.opens((await world.last_sms()).link);
	await customer.joins();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	const boards = { agent: new Board(agent), customer: new Board(customer) };
	const own = customer.page.getByLabel("Your picture");
	await showsTheSame(agent.remote, own);
	await hears(agent.page, FIREFOX_HZ);
	await records(customer.page, AGENT_HZ);
	await agent.switches("Camera", true);
	await shows(customer.remote, STRIPES);
	await chat(agent, customer);

	await customer.button("Take screenshot").tap();
	await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
	assert.ok(namesOf(lost).includes("Board.js"), `the board was lost: ${namesOf(lost)}`);
	await keeps(world, 1);
	const base = await kept(world, agent, BASE);
	const ratio = base.width / base.height;
	const [atAgent, atCustomer] = await Promise.all(
		[boards.agent, boards.customer].map((board) => until("the picture is shown", () => board.fills(ratio))),
	);
	const lay = { agent: atAgent, customer: atCustomer };
	await drawAndSend(world, customer, boards, base, lay);
	await customer.button("Back to live").tap();
	await boards.customer.isGone();
	await customer.reloads();
	await customer.isInCall();
	await customer.turnsCameraBackOn();
	await showsTheSame(agent.remote, own);
	await customer.endsCall();
	await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
});
