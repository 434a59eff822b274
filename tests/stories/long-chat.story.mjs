// A long chat: what is written shows at once, and older lines are there for those who scroll. The
// table of `make bench-chat` has more figures.

import assert from "node:assert/strict";
import { holdings, LongChat, reloads, scrolls, scrollsBetween, timesLines } from "./long-chat.mjs";
import { CUSTOMER_NAME } from "./people.mjs";
import { LARGE_TEXT, photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

const LINES = 2_000;
const NODES_MAX = 1_500;
/** On a machine where other stories run. */
const QUICK_MS = 30;

story("a chat of 2,000 lines and 50 pictures is as quick as one of 20 lines", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	const chat = new LongChat();
	const [short, long] = [await costs(agent, chat, 20, 0), await costs(agent, chat, LINES, 50)];
	console.log(`Enter to the line, p50: ${short.line} ms with 20 lines, ${long.line} ms with ${LINES}`);
	assert.ok(long.line <= Math.max(QUICK_MS, 2 * short.line), `a line takes ${long.line} ms`);

	const before = await holdings(agent);
	assert.equal(await agent.log.getAttribute("aria-live"), "polite", "new lines are said");
	// What is on its way stands at the end, and leads there when it grows.
	await becomes("the number of lines on their way", () => agent.log.getByText("Sending", { exact: true }).count(), 0);
	const up = await scrolls(agent, { by: -400, frames: 60 });
	assert.deepEqual(up.jumps, [], "what is seen stays where it is while older lines come in");
	assert.deepEqual(await scrollsBetween(agent, { by: 600, frames: 60 }), [], "older lines undo no scroll");
	assert.ok(up.nodes < NODES_MAX, `the page holds ${up.nodes} nodes`);
	const { seen } = await scrolls(agent, { by: 0, frames: 1 });
	await customer.says("a word for who reads old lines");
	const newest = agent.button("Newest messages");
	await until("the new line is counted", async () => (await newest.getAttribute("aria-description"))?.endsWith(": 1"));
	assert.equal((await scrolls(agent, { by: 0, frames: 1 })).seen, seen, "a new line moves nothing");
	// Older lines are not said.
	await becomes("the log's aria-live", () => agent.log.getAttribute("aria-live"), "off");
	const said = agent.page.locator(".roll [aria-live=polite]");
	await becomes("what is said", () => said.textContent(), `${CUSTOMER_NAME}: a word for who reads old lines`);
	await photograph(agent, "long-chat-agent");
	await newest.click();
	await agent.reads("a word for who reads old lines");
	await newest.waitFor({ state: "detached" });
	const after = await holdings(agent);
	assert.ok(after.listeners <= before.listeners + 10, `listeners: ${before.listeners}, later ${after.listeners}`);

	await agent.log.press("Home");
	await agent.log.getByText(/^Line 0:/).waitFor();
	await agent.log.press("End");
	await agent.reads("a word for who reads old lines");

	// The same on a phone.
	await new LongChat().lengthen(customer, LINES, { pictures: 50 });
	await reloads(customer);
	const phone = await scrolls(customer, { by: -300, frames: 60 });
	assert.deepEqual(phone.jumps, [], "what is seen stays where it is on a phone");
	assert.ok(phone.nodes < NODES_MAX, `the phone's page holds ${phone.nodes} nodes`);
	await photograph(customer, "long-chat-customer", LARGE_TEXT);
	await customer.says("and my own line leads to the end");
	await customer.reads("and my own line leads to the end");
	await agent.reads("and my own line leads to the end");
});

async function costs(agent, chat, lines, pictures) {
	await chat.lengthen(agent, lines, { pictures });
	await reloads(agent);
	return timesLines(agent, 12);
}
