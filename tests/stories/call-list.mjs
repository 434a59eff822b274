// The agent's list of calls: one call is found by search and filters, and Back leads through them.

import assert from "node:assert/strict";
import { photograph } from "./pictures.mjs";
import { CUSTOMER_NAME, NUMBER, REFERENCE } from "./people.mjs";
import { until } from "./until.mjs";

/** @param {import("./people.mjs").Agent} agent whose only call is over */
export async function findsTheCall(agent) {
	const { page } = agent;
	await page.getByRole("link", { name: "Calls", exact: true }).click();
	const call = page.getByRole("link", { name: new RegExp(`^${REFERENCE}`) });
	const search = page.getByRole("searchbox", { name: "Search calls" });
	const filters = page.getByRole("group", { name: "Filters" });
	const none = page.getByText("No call matches.");
	await call.waitFor();
	const text = (await call.textContent()).replaceAll(/[\u2066-\u2069]/g, "");
	for (const part of [CUSTOMER_NAME, NUMBER.slice(-3), "Ended by the agent", "Goes on"]) {
		assert.ok(text.includes(part), `the line says ${part}: ${text}`);
	}
	assert.ok(!text.includes(NUMBER.slice(3)), "the number is masked");
	assert.match(await call.getAttribute("href"), /^#call=[\w-]{22}$/);
	await photograph(agent, "agent-12-calls");

	for (const typed of [REFERENCE.slice(0, 6).toLowerCase(), CUSTOMER_NAME.slice(0, 2), NUMBER.slice(-4)]) {
		await search.fill(typed);
		await until(`the address has ${typed}`, async () => page.url().includes(`search=${typed}`));
		await call.waitFor();
		await search.fill("nobody’s");
		await none.waitFor();
	}
	await photograph(agent, "agent-13-calls-none");
	await search.fill(CUSTOMER_NAME);
	await call.waitFor();
	await filters.getByLabel("How it ended", { exact: true }).selectOption("too_long");
	await none.waitFor();
	assert.match(page.url(), /search=Ada&reason=too_long/);
	await page.reload();
	await none.waitFor();
	assert.equal(await search.inputValue(), CUSTOMER_NAME, "the address keeps what was asked");
	await page.goBack();
	await call.waitFor();
	await filters.getByLabel("Agent", { exact: true }).selectOption("all");
	await filters.getByLabel("Goes within 7 days").check();
	await none.waitFor();
	await filters.getByRole("button", { name: "Clear filters" }).click();
	await call.waitFor();
}
