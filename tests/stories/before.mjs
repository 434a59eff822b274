// The version before, and what people do in a call through an upgrade.

import assert from "node:assert/strict";
import { Board, toScreen } from "./board.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { frames } from "./senses.mjs";
import { until } from "./until.mjs";

export const LIVE_MS = 40_000;

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

/** The folders that SIGHTLINE_BEFORE names: `make before` sets it. */
export function before() {
	const [programs, source] = process.env.SIGHTLINE_BEFORE?.split(":") ?? [];
	assert.ok(programs && source, "SIGHTLINE_BEFORE names no version before: use `make before`");
	return { programs, source };
}

/** New frames of the other person are painted. */
export async function moves(video) {
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
export async function drawsAndSees(agent, customer, who, asks = false) {
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
