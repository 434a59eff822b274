// An agent's whole call without a mouse: invite, picture, arrow, text, send, end, rate, next call.

import assert from "node:assert/strict";
import { Board } from "./board.mjs";
import { NUMBER, REFERENCE } from "./people.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

story("an agent works by keyboard alone", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world, { camera: "landmarks" })]);
	const { page } = agent;
	const keys = async (...names) => {
		for (const name of names) await page.keyboard.press(name);
	};
	await tabsTo(agent.field("Phone number"));
	await page.keyboard.type(NUMBER);
	await tabsTo(agent.field("Call reference"));
	await page.keyboard.type(REFERENCE);
	await keys("Enter");
	await agent.sees("Waiting for the customer");
	await customer.opens((await world.last_sms()).link);
	await customer.joins();
	await agent.isInCall();

	await keys("?");
	const list = page.getByRole("dialog", { name: "Keys", exact: true });
	await list.waitFor();
	await photograph(agent, "agent-keys-list");
	await keys("Escape");
	await list.waitFor({ state: "detached" });
	await presses(agent, "m", "Microphone");
	await keys("c");
	await agent.field("Message").waitFor();
	await tabsTo(agent.field("Message"));
	await page.keyboard.type("some chats mean vastly less");
	assert.ok(await agent.field("Message").isVisible(), "a letter that is typed does nothing else");
	await keys("Enter");
	await customer.reads("some chats mean vastly less");
	await customer.closesChat();
	await keys("Escape");
	await agent.field("Message").waitFor({ state: "detached" });

	await keys("s");
	const boards = [new Board(agent), new Board(customer)];
	await Promise.all(boards.map((board) => board.isSharp()));
	await tabsTo(boards[0].canvas);
	await keys("2", "Enter", "Shift+ArrowRight", "Shift+ArrowUp", "Enter");
	await boards[1].counted(0, 1);
	await keys("5", "Shift+ArrowDown", "Enter");
	await agent.field("Text on the picture").waitFor();
	await page.keyboard.type("close it");
	await keys("Enter");
	await boards[1].counted(0, 2);
	await keys("a");
	await customer.page.getByText("Grace sent the picture to the chat").waitFor();
	await keys("Delete");
	assert.ok(await boards[0].canvas.isVisible(), "deleting needs Shift");
	await keys("l");
	await Promise.all(boards.map((board) => board.isGone()));
	await keys("n");
	await Promise.all(boards.map((board) => board.isSharp()));
	await until("the key deletes as soon as the button does", async () => {
		await keys("Shift+Delete");
		return (await boards[0].canvas.count()) === 0;
	});

	await singleKeysOff(agent, keys);
	await keys("End", "Shift+End");
	await tabsTo(agent.button("End for both"));
	await keys("Enter");
	await agent.sees("Call ended");
	await tabsTo(page.getByRole("radio", { name: "1 star", exact: true }));
	await keys("ArrowRight", "ArrowRight", "ArrowRight");
	await tabsTo(agent.button("Send rating"));
	await keys("Enter");
	await page.getByText("Thank you for your rating.").waitFor();
	await tabsTo(agent.button("Start a call"));
	await keys("Enter");
	await agent.sees("Start a call");
});

/** Presses a key and sees the button of that name change. */
async function presses(agent, key, name) {
	const state = () => agent.button(name).getAttribute("aria-pressed");
	const before = await state();
	await agent.page.keyboard.press(key);
	await until(`${key} presses ${name}`, async () => (await state()) !== before);
}

/** Switches single keys off in Settings, sees that they do nothing, and that it is remembered. */
async function singleKeysOff(agent, keys) {
	const { page } = agent;
	await keys("o");
	const box = page.getByRole("checkbox", { name: "Single keys", exact: true });
	await tabsTo(box);
	await keys("Space");
	assert.equal(await box.isChecked(), false);
	await photograph(agent, "agent-settings-in-call");
	await keys("Escape");
	await box.waitFor({ state: "detached" });
	await keys("s", "c", "?");
	assert.equal(await page.getByRole("dialog").count(), 0);
	assert.equal(await agent.field("Message").count(), 0);
	assert.equal(await page.evaluate(() => localStorage.getItem("single-keys")), "off");
}

/** Presses Tab until something has the focus. */
async function tabsTo(locator) {
	await locator.waitFor();
	for (let press = 0; press < TABS_MAX; press += 1) {
		if (await locator.evaluate((element) => document.activeElement === element)) return;
		await locator.page().keyboard.press("Tab");
	}
	throw new Error(`the keyboard does not reach ${locator}`);
}

const TABS_MAX = 60;
