// The agent's list of calls: one is found by search and filters, and Back leads through them.

import assert from "node:assert/strict";
import { everybodyCanUse } from "./axe.mjs";
import { DENIED, LOST, SHOWN } from "./morning.mjs";
import { photograph } from "./pictures.mjs";
import { until } from "./until.mjs";

/** @param {import("./people.mjs").Agent} agent whose morning is over */
export async function findsTheCalls(agent) {
	const { page } = agent;
	await page.getByRole("link", { name: "Calls", exact: true }).click();
	const search = page.getByRole("searchbox", { name: "Search calls" });
	const filters = page.getByRole("group", { name: "Filters" });
	const none = page.getByText("No call matches.");
	await shows(agent, SHOWN, LOST, DENIED);
	await saysWhatTheCallWas(agent);
	await everybodyCanUse(agent, "agent-12-calls");

	for (const [typed, found] of [
		[DENIED.reference.slice(0, 3).toLowerCase(), DENIED],
		[LOST.number.slice(-4), LOST],
		[SHOWN.customer.split(" ")[1].slice(0, 4).toLowerCase(), SHOWN],
	]) {
		await search.fill(typed);
		await until(`the address has ${typed}`, async () => page.url().includes(`search=${typed}`));
		await shows(agent, found);
	}
	// The next word follows the space, though the first one was searched for.
	const [name, surname] = SHOWN.customer.split(" ");
	await search.fill("");
	await search.pressSequentially(`${name} `);
	await until("the address has the name", async () => page.url().endsWith(`search=${name}`));
	await shows(agent, SHOWN);
	await search.pressSequentially(surname);
	assert.equal(await search.inputValue(), SHOWN.customer);
	await shows(agent, SHOWN);
	await search.fill("nobody’s");
	await none.waitFor();
	await photograph(agent, "agent-13-calls-none");
	await search.fill("");
	await filters.getByLabel("With pictures").check();
	await shows(agent, SHOWN);
	await filters.getByLabel("How it ended", { exact: true }).selectOption("customer_ended");
	await none.waitFor();
	await until("the address has both filters", () => /reason=customer_ended&pictures=1/.test(page.url()));
	await page.reload();
	await none.waitFor();
	await page.goBack();
	await shows(agent, SHOWN);
	await filters.getByRole("button", { name: "Clear filters" }).click();
	await filters.getByLabel("How it ended", { exact: true }).selectOption("customer_ended");
	await shows(agent, LOST);
	await filters.getByRole("button", { name: "Clear filters" }).click();
	await filters.getByLabel("Rating", { exact: true }).selectOption("4");
	await shows(agent, SHOWN);
	await filters.getByLabel("Agent", { exact: true }).selectOption("all");
	await filters.getByLabel("Goes within 7 days").check();
	await none.waitFor();
	await filters.getByRole("button", { name: "Clear filters" }).click();
	await shows(agent, SHOWN, LOST, DENIED);
}

/** Waits until exactly these calls are listed, in this order. */
async function shows({ page }, ...calls) {
	const wanted = calls.map(({ reference }) => reference);
	await until(`the list has ${wanted}`, async () => {
		const listed = await page.locator(".call-link strong").allTextContents();
		if (listed.join() !== wanted.join()) throw new Error(`it has ${listed}`);
		return true;
	});
}

async function saysWhatTheCallWas({ page }) {
	const call = page.getByRole("link", { name: new RegExp(`^${SHOWN.reference}`) });
	const parts = [SHOWN.customer, SHOWN.number.slice(-3), "Ended by the agent", "Pictures: 4", "4 of 5", "Goes on"];
	const text = await until(`the line says ${parts}`, async () => {
		const said = (await call.textContent()).replaceAll(/[\u2066-\u2069]/g, "");
		if (!parts.every((part) => said.includes(part))) throw new Error(said);
		return said;
	});
	assert.ok(!text.includes(SHOWN.number.slice(3)), "the number is masked");
	assert.match(await call.getAttribute("href"), /^#call=[\w-]{22}$/);
}
