// Webhooks, from an admin who adds one to a program that hears how a call goes: signed, in order,
// through failures and a killed deployment. What was given up is seen and sent again.

import assert from "node:assert/strict";
import { join } from "node:path";
import { everybodyCanUse } from "./axe.mjs";
import { Issuer } from "./certificates.mjs";
import { Receiver } from "./receiver.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

/** From a third failure to the next attempt. */
const AGAIN_MS = 100_000;
/** Longer than a receiver may take. */
const LATE_MS = 40_000;

story("a program hears how a call goes, in order, through a failure and a kill", (stage) =>
	withReceiver(stage, ["--webhook-private"], async ({ world, agent, receiver }) => {
		await adds(agent, receiver, "Claims system");
		const card = agent.page.getByRole("region", { name: "Claims system" });
		await card.getByRole("button", { name: "Send test", exact: true }).click();
		await newest(card, "Test", "Delivered");
		assert.deepEqual(receiver.heard.map(heardAs), [["webhook.test", 1]], "signed with the secret that was shown");
		await everybodyCanUse(agent, "agent-webhooks");

		receiver.heard = [];
		// As long as the page may take to show it.
		receiver.answers = [500, 500, 500];
		const call = await invitesAndCancels(world);
		await says(card.getByRole("row", { name: "Invite opened" }), "Waiting", "answered 500");
		await world.kill();
		receiver.answers = [];
		await world.start();
		const types = ["invite.opened", "call.ended"];
		await until("both are heard", () => receiver.types.length === 2, AGAIN_MS);
		assert.deepEqual(receiver.types, types, "in order");
		const [failed, again] = receiver.heard;
		assert.equal(again.id, failed.id, "the one that failed first, under the same name");
		for (const { id, keys, data } of receiver.heard) {
			assert.ok(id.startsWith(`msg_${call}_`), id);
			assert.equal(keys, 1);
			const { at_ms, reason, ...rest } = data;
			assert.ok(Number(at_ms) > 0);
			assert.deepEqual(rest, { call, url: `${world.base}/api/v1/calls/${call}` }, "nothing personal");
			assert.ok(reason === undefined || reason === "invite_cancelled");
		}
	}),
);

story("an admin sees why a message was given up, sends it again, changes the secret and removes the webhook", (stage) =>
	withReceiver(stage, ["--webhook-private"], async ({ agent, receiver }) => {
		const { page } = agent;
		await adds(agent, receiver, "Claims system");
		const card = page.getByRole("region", { name: "Claims system" });
		const test = card.getByRole("button", { name: "Send test", exact: true });
		receiver.answers = [307];
		await test.click();
		const moved = await newest(card, "Given up", "answered 307");
		await everybodyCanUse(agent, "agent-webhook-dead");
		await moved.getByRole("button", { name: "Send again" }).click();
		await newest(card, "Delivered", "answered 204");
		assert.equal(receiver.followed, 0);
		assert.equal(receiver.heard[0].id, receiver.heard[1].id);

		receiver.answers = ["late"];
		await test.click();
		await newest(card, "did not answer within 10 seconds");

		await card.getByRole("button", { name: "New secret", exact: true }).click();
		await agent.button("Make it").click();
		receiver.secrets.push(await shownSecret(agent, "Claims system"));
		await card.getByText("Messages are signed with the earlier secret, too").waitFor();
		receiver.heard = [];
		await test.click();
		await until("the test is heard", () => receiver.heard.length > 0);
		assert.deepEqual(receiver.heard.map(heardAs), [["webhook.test", 2]], "both secrets signed it");

		receiver.answers = [410];
		await test.click();
		await newest(card, "Given up", "answered 410");
		await page.reload();
		await card.getByText("its receiver answered that it is gone for good").waitFor();
		await everybodyCanUse(agent, "agent-webhook-gone");
		await card.getByRole("button", { name: "Switch on", exact: true }).click();
		await card.getByRole("button", { name: "Switch off", exact: true }).click();
		await card.getByText("Off: it hears nothing").waitFor();
		await card.getByRole("button", { name: "Remove", exact: true }).click();
		await agent.button("Remove it").click();
		await page.getByText("There is no webhook yet.").waitFor();
	}),
);

story("a name that leads into this machine is not dialled", (stage) =>
	withReceiver(stage, [], async ({ agent, receiver }) => {
		await adds(agent, receiver, "Inside");
		const card = agent.page.getByRole("region", { name: "Inside" });
		await card.getByRole("button", { name: "Send test", exact: true }).click();
		await newest(card, "Given up", "its name leads into a private network");
		assert.equal(receiver.connections, 0);
	}),
);

/**
 * A deployment that trusts the receiver's certificate, its agent on the page of webhooks, and the
 * receiver.
 */
async function withReceiver(stage, flags, tell) {
	const issuer = new Issuer();
	const receiver = await Receiver.open(issuer);
	try {
		const made = stage.makes(flags);
		made.trusts(join(issuer.folder, "root.crt"));
		const world = await stage.opens(made);
		const agent = await stage.agent(world);
		await agent.page.getByRole("link", { name: "Admin", exact: true }).click();
		await agent.page.getByRole("link", { name: "Webhooks", exact: true }).click();
		await agent.page.getByText("There is no webhook yet.").waitFor();
		await tell({ world, agent, receiver });
	} finally {
		receiver.end();
		issuer.end();
	}
}

/** Adds the receiver as a webhook, and gives it the secret. */
async function adds(agent, receiver, name) {
	await agent.button("Add a webhook").click();
	const dialog = agent.page.getByRole("dialog");
	const add = dialog.getByRole("button", { name: "Add a webhook", exact: true });
	await agent.field("Name").fill(name);
	await agent.field("Address").fill("claims.example.com");
	await add.click();
	await dialog.getByText("Please enter an address that begins with https://.").waitFor();
	await agent.field("Address").fill(receiver.url);
	await add.click();
	receiver.secrets.push(await shownSecret(agent, name));
	assert.ok(!(await agent.page.content()).includes(receiver.secrets[0]), "it is not shown again");
}

async function shownSecret(agent, name) {
	const secret = await agent.field(`The secret of “${name}”`).inputValue();
	assert.match(secret, /^whsec_[\w+/]{43}=$/);
	await agent.button("Done").click();
	return secret;
}

/** Waits until the newest delivery of a webhook says all this. Returns its row. */
async function newest(card, ...words) {
	const row = card.getByRole("row").nth(1);
	await says(row, ...words);
	return row;
}

/** Waits until a row says all this. */
async function says(row, ...words) {
	const said = async () => (await row.count()) > 0 && ((await row.textContent()) ?? "");
	await until(
		`a delivery says ${words.join(", ")}`,
		async () => {
			const text = await said();
			return text && words.every((word) => text.includes(word));
		},
		LATE_MS,
	);
}

/** A program invites, a customer opens the link, and the program cancels. Returns the call. */
async function invitesAndCancels(world) {
	const key = await world.api_key(["invite"]);
	const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
	const agent = await world.agent_subject();
	const body = JSON.stringify({ reference: "CLAIM-2026-77", ...(agent === null ? {} : { agent }) });
	const invited = await (await fetch(`${world.base}/api/v1/invites`, { method: "POST", headers, body })).json();
	const secret = new URL(invited.link).hash.slice(1);
	const opens = {
		method: "POST",
		headers: { "content-type": "application/json", origin: world.base },
		body: JSON.stringify({ secret }),
	};
	assert.equal((await fetch(`${world.base}/api/enter`, opens)).status, 200);
	const cancelled = await fetch(`${world.base}/api/v1/invites/${invited.id}/cancel`, { method: "POST", headers });
	assert.ok(cancelled.ok, `${cancelled.status}`);
	return invited.id;
}

const heardAs = ({ type, keys }) => [type, keys];
