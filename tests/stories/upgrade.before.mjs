// A call goes on through an upgrade. It begins on the version before, whose program
// SIGHTLINE_BEFORE names, and ends on this one. First the pages of the version before speak to the
// new server, then both are reloaded.

import assert from "node:assert/strict";
import { Board, toScreen } from "./board.mjs";
import { CUSTOMER_HZ } from "./cards.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { frames, hears } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { SIGHTLINE } from "./world.mjs";

const LIVE_MS = 40_000;

/** The agent's stroke and the customer's, in shares of the picture's sides. */
const STROKES = {
	agent: [
		[0.75, 0.62],
		[0.2, 0.72],
	],
	customer: [
		[0.2, 0.2],
		[0.75, 0.3],
	],
};

/** A page of the version before asks whether a picture is to be deleted. */
const ASKS = true;

story("a call that begins on the version before goes on after the upgrade", async (stage) => {
	const before = process.env.SIGHTLINE_BEFORE;
	assert.ok(before, "SIGHTLINE_BEFORE names the program of the version before: `make before` sets it");
	const world = await stage.worldOf({ program: before });
	const { agent, customer } = await stage.call(world, { camera: "landmarks" });
	await moves(agent.remote);
	await customer.says("before the upgrade");
	await agent.reads("before the upgrade");
	await drawsAndSees(agent, customer, "agent", ASKS);

	await world.kill();
	world.program = SIGHTLINE;
	const from = Date.now();
	await world.start();
	await Promise.all([agent.isConnected(/live|weak/i, LIVE_MS), customer.isConnected(/live|weak/i, LIVE_MS)]);
	await moves(agent.remote);
	console.log(`upgraded: the picture is back after ${Date.now() - from} ms, on the pages of the version before`);
	await hears(agent.page, CUSTOMER_HZ);
	await agent.says("after the upgrade");
	await customer.reads("after the upgrade");
	await drawsAndSees(agent, customer, "customer", ASKS);

	for (const person of [customer, agent]) {
		await person.reloads();
		await person.isInCall();
		if (person === customer) await customer.turnsCameraBackOn();
		await moves(agent.remote);
		for (const line of ["before the upgrade", "after the upgrade"]) await person.reads(line);
		await person.closesChat();
	}
	await customer.says("on new pages");
	await agent.reads("on new pages");
	await drawsAndSees(agent, customer, "agent");
	await until("only one text message was sent", async () => (await world.texts()).length === 1);
	await customer.closesChat();
	await customer.endsCall();
	await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
});

/** New frames of the other person are painted. */
async function moves(video) {
	await until(
		"the picture moves",
		async () => {
			const seen = await frames(video);
			await video.page().waitForTimeout(200);
			return (await frames(video)) > seen;
		},
		LIVE_MS,
	);
}

/** A picture is taken, one person draws on it, both see the stroke, and the picture is deleted. */
async function drawsAndSees(agent, customer, who, asks = false) {
	for (const person of [agent, customer]) await person.closesChat();
	const boards = { agent: new Board(agent), customer: new Board(customer) };
	await agent.button("Take screenshot").click();
	for (const board of Object.values(boards)) await board.opens();
	for (const board of Object.values(boards)) await board.isSharp();
	const hand = who === "agent" ? new Mouse(agent) : await Fingers.of(customer);
	const layout = await boards[who].lies();
	await hand.draws(STROKES[who].map((place) => toScreen(layout, place)));
	for (const board of Object.values(boards)) {
		await board.showsOnly(await board.lies(), { agent: [], customer: [], [who]: [STROKES[who]] });
	}
	await agent.deletesPicture();
	if (asks) await agent.button("Delete for both").click();
	for (const board of Object.values(boards)) await board.isGone();
}
