// An agent's morning: a call whose customer refused the camera, one that was lost and came back,
// and one with four pictures.

import assert from "node:assert/strict";
import { everybodyCanUse } from "./axe.mjs";
import { Board } from "./board.mjs";
import { frames } from "./senses.mjs";
import { until } from "./until.mjs";

export const DENIED = { reference: "DENIED-0001", number: "+4915112340001", customer: "Bo Refuser" };
export const LOST = { reference: "LOST-000002", number: "+4915112340002", customer: "Ida Lostova" };
export const SHOWN = { reference: "SHOWN-000003", number: "+4915112340003", customer: "Ada Picturesque" };
export const SAID = "It drips here.";

/** The customer goes on without a camera. */
export async function refusesTheCamera(world, agent, customer) {
	await isInvited(world, agent, customer, DENIED);
	await customer.field("Your name").fill(DENIED.customer);
	await customer.button("Join").tap();
	await customer.sees("The camera is blocked");
	await customer.button("Join without camera").tap();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	await ends(agent);
	await customer.close();
}

/** The customer is without a network for longer than a page may be silent, and comes back. */
export async function isLostAndComesBack(world, agent, customer) {
	await begins(world, agent, customer, LOST);
	await customer.page.evaluate(() => window.__goesDark());
	const session = new URL(agent.page.url()).hash.replace("#call=", "");
	await until(
		"the agent asks until the customer counts as lost",
		async () => {
			await agent.says("Are you still there?");
			const log = await agent.page.evaluate(async (path) => (await fetch(path)).text(), `/api/sessions/${session}/log`);
			return log.includes('"lost"');
		},
		30_000,
		2_500,
	);
	await agent.page.getByText(/^Sound and picture go on/).waitFor();
	await customer.page.evaluate(() => window.__comesBack());
	await customer.says("Here I am again.");
	await agent.reads("Here I am again.", 30_000);
	await agent.closesChat();
	await customer.closesChat();
	await customer.endsCall();
	await agent.sees("Call ended");
	await agent.button("Start a call").click();
}

/** Four pictures, of which the last goes to the chat. Ends on the agent's "Call ended". */
export async function showsFourPictures(world, agent, customer) {
	await begins(world, agent, customer, SHOWN);
	const remote = agent.page.locator(`video[aria-label="${SHOWN.customer}"]`);
	await until("the agent sees the customer", async () => (await frames(remote)) > 5);
	await customer.says(SAID);
	await agent.reads(SAID);
	await agent.closesChat();
	await customer.closesChat();
	for (let left = 3; left >= 0; left -= 1) await takes(agent, customer, left === 0);
	await agent.endsCall();
	await agent.sees("Call ended");
	await customer.button("Send rating").waitFor();
	await everybodyCanUse(customer, "customer-10-rating");
	await customer.page.getByRole("radio", { name: "4 stars", exact: true }).tap();
	await customer.field("Comment").fill("Good help.");
	await customer.button("Send rating").tap();
	await customer.page.getByText("Thank you for your rating.").waitFor();
}

/** Runs in the page: its server is 2 s away, so that a person is quicker than the connection. */
export function waitsForTheServer() {
	const { get, set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onopen");
	Object.defineProperty(WebSocket.prototype, "onopen", {
		get,
		set(listener) {
			set.call(this, listener && ((event) => setTimeout(() => listener.call(this, event), 2_000)));
		},
	});
}

/** Runs in the page: takes its server away and gives it back. Its media goes on. */
export function losesTheServer() {
	const sockets = [];
	let dark = false;
	const Native = window.WebSocket;
	window.WebSocket = class extends Native {
		constructor(...of) {
			super(...of);
			sockets.push(this);
			if (dark) this.close();
		}
	};
	window.__goesDark = () => {
		dark = true;
		for (const socket of sockets) socket.close();
	};
	window.__comesBack = () => {
		dark = false;
		dispatchEvent(new Event("online"));
	};
}

/** @param {boolean} sends the picture to the chat */
async function takes(agent, customer, sends) {
	const boards = [new Board(agent), new Board(customer)];
	await agent.button("Take screenshot").click();
	await Promise.all(boards.map((board) => board.opens()));
	await Promise.all(boards.map((board) => board.isSharp()));
	if (sends) {
		await agent.button("Send annotation").click();
		await agent.opensChat();
		await agent.log.getByRole("button", { name: "Open picture", exact: true }).waitFor();
		await agent.closesChat();
	}
	await agent.button("Back to live").click();
	await boards[0].isGone();
}

async function begins(world, agent, customer, call) {
	await isInvited(world, agent, customer, call);
	await customer.joins(call.customer);
	await Promise.all([agent.isInCall(), customer.isInCall()]);
}

async function isInvited(world, agent, customer, { number, reference }) {
	await agent.invites(number, reference);
	const sms = (await world.texts()).find(({ to }) => to === number);
	assert.ok(sms, `a text message to ${number}`);
	await customer.opens(sms.link);
}

async function ends(agent) {
	await agent.endsCall();
	await agent.sees("Call ended");
	await agent.button("Start a call").click();
}
