// Light and dark: as the system says on every page, and as the agent chose on theirs.

import assert from "node:assert/strict";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

const LIGHT = "rgb(244, 247, 250)";
const DARK = "rgb(16, 23, 31)";

story("every page follows the system's scheme, and paper stays light", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	await agent.invites();
	await customer.opens((await world.last_sms()).link);
	await customer.button("Join").waitFor();
	for (const { page } of [agent, customer]) await follows(page);
	const { page } = agent;
	await page.emulateMedia({ colorScheme: "dark", media: "print" });
	await becomes("paper", () => ground(page), LIGHT);
	await page.emulateMedia({ colorScheme: "light", media: null });
	for (const path of ["/verify", "/api/v1/docs", "/outbox"]) {
		await page.goto(`${world.base}${path}`);
		await follows(page);
	}
});

story(
	"the agent's choice holds over the system's, is remembered, and is there before the first paint",
	async (stage) => {
		const world = await stage.world();
		const agent = await stage.agent(world, { script: watchFirst });
		const { page } = agent;
		await agent.button("Settings").click();
		await page.getByRole("radio", { name: "Dark", exact: true }).check();
		await becomes("the page", () => ground(page), DARK);
		await becomes("the browser's bar", () => bar(page), "#10171f");
		await agent.reloads();
		await agent.sees("Start a call");
		const first = await page.evaluate(() => window.__first);
		assert.deepEqual(first, { scripts: 0, ground: DARK }, "before the page's own scripts run");
		await becomes("the browser's bar", () => bar(page), "#10171f");

		await page.emulateMedia({ colorScheme: "dark" });
		await agent.button("Settings").click();
		await page.getByRole("radio", { name: "Light", exact: true }).check();
		await becomes("the page", () => ground(page), LIGHT);
		await page.getByRole("radio", { name: "As on this device", exact: true }).check();
		await follows(page);
	},
);

story("Firefox shows the same light and the same dark", async (stage) => {
	const world = await stage.world();
	// What pages hear about the system: 0 is dark, 1 is light.
	for (const [answer, shown] of [
		[0, DARK],
		[1, LIGHT],
	]) {
		const preferences = { "layout.css.prefers-color-scheme.content-override": answer };
		const agent = await stage.agent(world, { browser: "firefox", preferences });
		await becomes("the page", () => ground(agent.page), shown);
		await becomes("the browser's bar", () => bar(agent.page), shown === DARK ? "#10171f" : "#f4f7fa");
	}
});

/** @param {import("playwright-core").Page} page */
async function follows(page) {
	for (const [colorScheme, shown] of [
		["dark", DARK],
		["light", LIGHT],
	]) {
		await page.emulateMedia({ colorScheme });
		await until(`${page.url()} is ${colorScheme}`, async () => (await ground(page)) === shown);
	}
}

/** The colour that the whole page stands on. */
function ground(page) {
	return page.evaluate(() => {
		const of = (element) => getComputedStyle(element).backgroundColor;
		const root = of(document.documentElement);
		return root === "rgba(0, 0, 0, 0)" ? of(document.body) : root;
	});
}

/** The colour of the browser's own bar. */
function bar(page) {
	return page.evaluate(
		() =>
			[...document.querySelectorAll('meta[name="theme-color"]')].find(({ media }) => matchMedia(media).matches)
				?.content,
	);
}

/** Runs in the page: what stands there once it is parsed, when no module has run. */
function watchFirst() {
	document.addEventListener("readystatechange", () => {
		if (document.readyState !== "interactive") return;
		const { backgroundColor } = getComputedStyle(document.documentElement);
		window.__first = { scripts: document.querySelector("#app").childElementCount, ground: backgroundColor };
	});
}
