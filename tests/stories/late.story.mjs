// Answers that come late: of the server, or of a person whom the browser asks. People have gone on
// meanwhile, and only what is still shown hears of them.

import assert from "node:assert/strict";
import { NUMBER, REFERENCE } from "./people.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

story("an agent who leaves the form while an invite is sent stays where they went", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world);
	await leavesWhileSending(agent, NUMBER);
	await agent.page.getByText("Invitation sent", { exact: true }).first().waitFor();
	assert.match(agent.page.url(), /#calls/);
	await agent.button("Open call").click();
	await agent.sees("Waiting for the customer");
	await agent.cancels();

	// A refusal is said, too, and the form is as it was.
	await agent.button("Start a call").click();
	await leavesWhileSending(agent, "+49 30 1");
	await agent.page.getByText(/too short/).waitFor();
	await agent.page.getByRole("link", { name: "New call", exact: true }).click();
	await becomes("the reference", () => agent.field("Call reference").inputValue(), REFERENCE);
	await leavesWhileSending(agent, "030 123456");
	await agent.page.getByText(/^Send to this number?/).waitFor();
	await photograph(agent, "agent-start-late");
	await agent.button("Change the number").click();
	await becomes("the number", () => agent.field("Phone number").inputValue(), "030 123456");
});

story("a customer corrects a code while the first one is looked up", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	await agent.invites();
	const code = await agent.code();
	const held = await holds(customer, "**/api/look");
	await customer.opens("/j");
	await customer.typesCode(code === "22222222" ? "33333333" : "22222222");
	await held.asked();
	await customer.typesCode(code);
	await customer.field("Your name").waitFor();
	held.letGo();
	await customer.joins();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
});

story("a yes to the browser's question lights nothing once Settings is closed", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world, { script: asksForLong });
	await agent.button("Settings").click();
	await agent.button("Test camera and microphone").click();
	await until("the browser asks", () => agent.page.evaluate(() => window.__asked > 0));
	await agent.button("Done").click();
	await agent.page.getByRole("dialog").waitFor({ state: "detached" });
	await agent.page.evaluate(() => window.__yes());
	await until("the browser gave a stream", () => agent.page.evaluate(() => window.__given.length > 0));
	await becomes("devices that are on", () => agent.page.evaluate(lit), 0);
	// The page asks for nothing more.
	assert.equal(await agent.page.evaluate(() => window.__asked), 1);
});

/** Sends an invite, and opens the list of calls before its answer comes. */
async function leavesWhileSending(agent, number) {
	const held = await holds(agent, "**/api/sessions");
	await agent.page.getByLabel("Country", { exact: true }).selectOption("DE");
	await agent.field("Phone number").fill(number);
	await agent.field("Call reference").fill(REFERENCE);
	await agent.button("Send invite").click();
	await held.asked();
	await agent.page.getByRole("link", { name: "Calls", exact: true }).click();
	await agent.sees("Calls");
	held.letGo();
}

/**
 * Holds the first such request of a person back until `letGo`.
 * @param {import("./people.mjs").Person} person
 */
async function holds(person, path) {
	let [letGo, seen] = [];
	const free = new Promise((resolve) => (letGo = resolve));
	const asked = new Promise((resolve) => (seen = resolve));
	await person.context.route(
		path,
		async (route) => {
			seen();
			await free;
			await route.continue();
		},
		{ times: 1 },
	);
	return { letGo, asked: () => asked };
}

/** Runs in the page, before its own scripts: the browser's question stays open until `__yes`. */
function asksForLong() {
	if (navigator.mediaDevices === undefined) return;
	const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
	window.__asked = 0;
	window.__given = [];
	const answered = new Promise((resolve) => (window.__yes = resolve));
	navigator.mediaDevices.getUserMedia = async (wanted) => {
		window.__asked += 1;
		await answered;
		const stream = await ask(wanted);
		window.__given.push(stream);
		return stream;
	};
}

/** Runs in the page. How many of the given devices are on. */
function lit() {
	return window.__given.flatMap((stream) => stream.getTracks()).filter((track) => track.readyState === "live").length;
}
