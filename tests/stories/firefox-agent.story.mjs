// An agent in Firefox and a customer in Chromium: a call with chat, a picture on which both draw,
// and a reload.

import assert from "node:assert/strict";
import { BASE, Board, keeps, kept, layouts } from "./board.mjs";
import { CUSTOMER_HZ, LARGE } from "./cards.mjs";
import { FIREFOX_HZ, chat, drawAndSend } from "./interop.mjs";
import { hears, moves, records, showsTheSame } from "./senses.mjs";
import { story } from "./stage.mjs";

story("an agent in Firefox sees, hears, is seen and heard, chats, draws, sends and reloads", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, { camera: "landmarks", dpr: 1 }, { browser: "firefox" });
	const boards = { agent: new Board(agent), customer: new Board(customer) };
	await moves(agent.remote);
	await boards.agent.lies("video");
	await records(agent.page, CUSTOMER_HZ);
	await hears(customer.page, FIREFOX_HZ);
	await agent.switches("Camera", true);
	await showsTheSame(customer.remote, agent.page.getByLabel("Your picture"));
	await chat(customer, agent);

	await agent.button("Take screenshot").click();
	await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
	await keeps(world, 1);
	const base = await kept(world, customer, BASE);
	assert.deepEqual([base.width, base.height], [LARGE.width, LARGE.height], "as large as the camera gives it");
	await drawAndSend(world, agent, boards, base, await layouts(boards));
	await agent.reloads();
	await agent.isInCall();
	await moves(agent.remote);
	await agent.endsCall();
	await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
});
