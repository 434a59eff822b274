// A browser that hides pictures from pages (protection against fingerprinting).

import assert from "node:assert/strict";
import { BASE, Board, keeps, kept, SENT } from "./board.mjs";
import { at } from "./pixels.mjs";
import { story } from "./stage.mjs";

story("where a Firefox hides pictures the agent's view is used, and the agent's page composes", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, {
		browser: "firefox",
		preferences: { "privacy.resistFingerprinting": true },
	});
	const boards = { agent: new Board(agent), customer: new Board(customer) };
	await customer.button("Take screenshot").click();
	await Promise.all([boards.agent.opens(), boards.customer.opens()]);
	// The reason stands beside it.
	await customer.button("Close").click();
	await agent.page.getByText("Low resolution", { exact: true }).waitFor();
	await keeps(world, 1);
	isCalm(await kept(world, agent, BASE));

	await customer.button("Send annotation").click();
	await keeps(world, 2);
	isCalm(await kept(world, agent, SENT));
});

/** Firefox's camera gives one colour: noise would differ from pixel to pixel. */
function isCalm(picture) {
	const row = Array.from({ length: 100 }, (_, x) => at(picture, x + 20, 40));
	const steps = row
		.slice(1)
		.map((pixel, place) => Math.max(...pixel.map((value, one) => Math.abs(value - row[place][one]))));
	assert.ok(Math.max(...steps) < 40, `neighbours are alike: ${steps}`);
}
