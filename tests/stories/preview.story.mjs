// Messengers and mail programs open links to preview them. A preview must not use up an invite.

import assert from "node:assert/strict";
import { story } from "./stage.mjs";
import { stays } from "./until.mjs";

/** Longer than preview browsers wait for a page to become idle. */
const BOT_WAITS_MS = 10_000;

story("HEAD, GET and a browser that loads the link and waits do not change the invite", async (stage) => {
	const world = await stage.world();
	const [agent, bot] = await Promise.all([stage.agent(world), stage.customer(world)]);
	await agent.invites();
	const { link } = await world.last_sms();

	for (const method of ["HEAD", "GET"]) {
		const answer = await fetch(link, { method });
		assert.equal(answer.status, 200);
		assert.equal(answer.headers.get("set-cookie"), null, `${method} sets no cookie`);
	}
	await bot.opens(link);
	await bot.button("Join").waitFor();
	await agent.waitsAt(/Invitation sent/);
	await stays(
		"Progress is at Invitation sent",
		async () => /Invitation sent/.test(await agent.progress()),
		BOT_WAITS_MS,
	);
	assert.deepEqual(await bot.context.cookies(), [], "a page without any input has no cookie");
	assert.equal((await look(world, link)).state, "valid");
	await bot.close();

	const customer = await stage.customer(world);
	const requests = [];
	customer.context.on("request", (request) => requests.push(request));
	await customer.opens(link);
	await customer.joins();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	assert.equal((await look(world, link)).joined, true);
	await keepsSecret(customer.page, new URL(link).hash.slice(1), requests);
});

/** The secret is in bodies only, and nothing of the page shows it once it was exchanged. */
async function keepsSecret(page, secret, requests) {
	// A browser sends no fragment.
	const told = requests.map((request) => `${request.url().split("#")[0]} ${JSON.stringify(request.headers())}`);
	assert.ok(told.length > 3, "requests were seen");
	assert.deepEqual(
		told.filter((one) => one.includes(secret) || /"referer":"[^"]/.test(one)),
		[],
		"no address and no header has the secret, and none says where it comes from",
	);
	const kept = await page.evaluate(() =>
		JSON.stringify([
			location.href,
			history.state,
			document.referrer,
			performance.getEntriesByType("resource").map(({ name }) => name),
			Object.entries(localStorage),
			Object.entries(sessionStorage),
		]),
	);
	assert.ok(!kept.includes(secret), kept);
}

async function look(world, link) {
	const answer = await fetch(`${world.base}/api/look`, {
		method: "POST",
		headers: { "content-type": "application/json", origin: world.base },
		body: JSON.stringify({ secret: new URL(link).hash.slice(1) }),
	});
	return answer.json();
}
