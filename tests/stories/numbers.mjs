// How the agent's page tells how a number is read, while the agent types and before it is sent.

import assert from "node:assert/strict";
import { LARGE_TEXT } from "./pictures.mjs";
import { REFERENCE } from "./people.mjs";
import { until } from "./until.mjs";

/**
 * Types numbers on a small phone with large text. What the server reads must show soon after the
 * last key, and move nothing.
 * @param {import("./people.mjs").Agent} agent at the form of a new call
 */
export async function readsNumbers(agent) {
	const { page } = agent;
	const before = page.viewportSize();
	const { text, ...screen } = LARGE_TEXT;
	await page.setViewportSize(screen);
	await page.evaluate((text) => {
		document.documentElement.style.fontSize = `${text * 100}%`;
	}, text);
	await page.getByLabel("Country", { exact: true }).selectOption("DE");
	await page.evaluate(watch);
	const field = agent.field("Phone number");
	const below = () => agent.field("Call reference").evaluate((field) => field.getBoundingClientRect().top + scrollY);
	await field.fill("");
	const place = await below();
	for (const [typed, words] of READINGS) {
		const took = [];
		while (took.length < TRIES && !took.some((ms) => ms < 300 + SLOW_MS)) {
			await field.fill("");
			await field.pressSequentially(typed);
			await until(`${typed} is read as ${words}`, async () =>
				(await page.locator(READING).textContent()).includes(words),
			);
			assert.equal(await below(), place, `nothing moves when ${words} comes`);
			const { paused, shown } = await page.evaluate(() => window.__reading);
			assert.ok(paused >= 290, `the server is asked after a pause, not after ${paused} ms`);
			took.push(shown);
		}
		const least = Math.min(...took);
		assert.ok(least < 300 + SLOW_MS, `the reading shows ${least} ms after the last key and the answer's own time`);
	}
	await page.evaluate(() => document.documentElement.style.removeProperty("font-size"));
	await page.setViewportSize(before);
}

/**
 * Sends to a landline after a second yes, and to one of two readings.
 * @param {import("./people.mjs").Agent} agent at the form of a new call
 * @param {import("./world.mjs").World} world
 */
export async function confirmsNumbers(agent, world) {
	const send = async (number) => {
		await agent.page.getByLabel("Country", { exact: true }).selectOption("DE");
		await agent.field("Phone number").fill(number);
		await agent.field("Call reference").fill(REFERENCE);
		await agent.button("Send invite").click();
	};
	const sent = async () => (await world.texts()).map(({ to }) => to);
	await send("030 123456");
	await agent.sees("Send to this number?");
	await agent.button("Change the number").click();
	assert.deepEqual(await sent(), []);

	await send("49 151 23456789");
	await agent.sees("Which number is it?");
	await agent.button("+49 1512 3456789, Germany, mobile").click();
	await agent.sees("Waiting for the customer");
	await until("the chosen number received the message", async () => (await sent()).join() === "+4915123456789");

	await agent.page.goto(`${world.base}/agent`);
	await send("030 123456");
	await agent.button("Send anyway").click();
	await agent.sees("Waiting for the customer");
	await until("the landline received the message", async () => (await sent()).at(-1) === "+4930123456");
	await agent.page.goto(`${world.base}/agent`);
	await agent.sees("Start a call");
}

/**
 * Runs in the page: measures from the last key to the request, and to the words without the time
 * that the answer took, milliseconds.
 */
function watch() {
	let key = 0;
	document.addEventListener("input", () => (key = performance.now()), true);
	const reading = document.querySelector('.reading [role="status"]');
	new MutationObserver(() => {
		if (reading.textContent === "") return;
		const asked = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/api/number"));
		const { startTime, duration } = asked.at(-1);
		window.__reading = { paused: Math.round(startTime - key), shown: Math.round(performance.now() - key - duration) };
	}).observe(reading, { childList: true, characterData: true, subtree: true });
}

/** What is typed in Germany, and what of the reading is looked for. */
const READINGS = [
	["0151 23456789", "+49 1512 3456789, Germany, mobile"],
	["030 123456", "Landlines rarely receive text messages."],
	["49 151 23456789", "It could also be +49 1512 3456789."],
	["0151 2345678O", "There are letters in the number."],
	["+44 909 879 0000", "Messages are never sent there."],
];
const READING = '.reading [role="status"]';
/** What a busy machine may add, and how often it may add more. */
const SLOW_MS = 700;
const TRIES = 3;
