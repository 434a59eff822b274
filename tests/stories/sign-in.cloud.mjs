// What only the cloud has: agents sign in at a provider, and many processes share counters.

import assert from "node:assert/strict";
import { story } from "./stage.mjs";
import { AGENT_NAME } from "./world.mjs";

story("an agent signs in at the provider, stays signed in, and signs out of both", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world);
	await agent.page.getByText(AGENT_NAME).first().waitFor();
	assert.equal(new URL(agent.page.url()).search, "", "the address contains nothing of the sign-in");
	await agent.page.reload();
	await agent.sees("Start a call");
	const script = await agent.page.evaluate(() => document.cookie);
	assert.equal(script, "", "no script can read a cookie");
	const cookies = await agent.context.cookies(world.base);
	const ours = cookies.find(({ name }) => name === "__Host-agent");
	assert.deepEqual([ours?.httpOnly, ours?.secure, ours?.sameSite], [true, true, "Strict"]);
	assert.equal(
		cookies.some(({ name }) => name.startsWith("__Host-sign-in")),
		false,
		"the cookie of the pending sign-in is deleted",
	);

	await agent.button("Sign out").click();
	await agent.page.getByRole("link", { name: "Sign in", exact: true }).waitFor();
	const me = await agent.page.evaluate(async () => (await fetch("/api/me")).status);
	assert.equal(me, 401);
});

story("a callback without a pending sign-in fails with an explanation", async (stage) => {
	const world = await stage.world();
	const stranger = await stage.customer(world);
	for (const query of ["code=stolen&state=guessed", "state=guessed", "error=access_denied&state=guessed", ""]) {
		await stranger.page.goto(`/api/sign-in/back?${query}`);
		await stranger.page.getByRole("link", { name: "Sign in", exact: true }).waitFor();
		await stranger.page.getByText(/did not work/).waitFor();
		assert.equal(new URL(stranger.page.url()).pathname, "/agent");
	}
	assert.deepEqual(await stranger.context.cookies(world.base), []);
});

story("wrong guesses are counted per source address, regardless of forged headers", async (stage) => {
	const world = await stage.world();
	const guess = async (source, claimed) => {
		const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
		const headers = { "content-type": "application/json", origin: world.base, [world.source_header]: source };
		if (claimed !== undefined) headers["x-forwarded-for"] = claimed;
		const answer = await fetch(`${world.base}/api/look`, { method: "POST", headers, body: JSON.stringify({ secret }) });
		return answer.status;
	};
	const told = [];
	// About twenty are answered a minute, and the next minute may begin meanwhile.
	for (let at = 0; at < 60; at += 1) told.push(await guess("203.0.113.7", `198.51.100.${at}`));
	assert.deepEqual([...new Set(told)].sort(), [404, 429], "first not found, then too many requests");
	assert.ok(told.filter((status) => status === 404).length <= 40, "about twenty per minute, in one or two minutes");
	assert.equal(await guess("203.0.113.8"), 404, "another source is not limited");
});
