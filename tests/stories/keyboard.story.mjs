// An agent's whole call without a mouse: invite, picture, arrow, text, send, end, rate, next call.

import assert from "node:assert/strict";
import { Board } from "./board.mjs";
import { Keyboard } from "./keyboard.mjs";
import { NUMBER, REFERENCE } from "./people.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

story("an agent works by keyboard alone", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world, { camera: "landmarks" })]);
	const { page } = agent;
	const keyboard = new Keyboard(agent);
	await keyboard.reaches(agent.field("Phone number"));
	await keyboard.types(NUMBER);
	await keyboard.reaches(agent.field("Call reference"));
	await keyboard.types(REFERENCE);
	await keyboard.sends();
	await customer.opens((await until("the invite is sent", () => world.last_sms())).link);
	await customer.joins();
	await agent.isInCall();

	await keyboard.presses("?");
	const list = page.getByRole("dialog", { name: "Keys", exact: true });
	await list.waitFor();
	await photograph(agent, "agent-keys-list");
	await keyboard.presses("Escape");
	await list.waitFor({ state: "detached" });
	await presses(agent, "m", "Microphone");
	await keyboard.presses("c");
	await agent.field("Message").waitFor();
	await keyboard.reaches(agent.field("Message"));
	await keyboard.types("some chats mean vastly less");
	assert.ok(await agent.field("Message").isVisible(), "a letter that is typed does nothing else");
	await keyboard.presses("Enter");
	await customer.reads("some chats mean vastly less");
	await customer.closesChat();
	await keyboard.presses("Escape");
	await agent.field("Message").waitFor({ state: "detached" });

	await canTakePictures(agent);
	await keyboard.presses("s");
	const boards = [new Board(agent), new Board(customer)];
	await Promise.all(boards.map((board) => board.isSharp()));
	await keyboard.reaches(boards[0].canvas);
	await keyboard.presses("2", "Enter", "Shift+ArrowRight", "Shift+ArrowUp", "Enter");
	await boards[1].counted(0, 1);
	await keyboard.presses("5", "Shift+ArrowDown", "Enter");
	await agent.field("Text on the picture").waitFor();
	await keyboard.types("close it");
	await keyboard.presses("Enter");
	await boards[1].counted(0, 2);
	await keyboard.presses("a");
	await customer.page.getByText("Grace sent the picture to the chat").waitFor();
	await keyboard.presses("Delete");
	assert.ok(await boards[0].canvas.isVisible(), "deleting needs Shift");
	await keyboard.presses("l");
	await Promise.all(boards.map((board) => board.isGone()));
	await keyboard.presses("n");
	await Promise.all(boards.map((board) => board.isSharp()));
	await until("the key deletes as soon as the button does", async () => {
		await keyboard.presses("Shift+Delete");
		return (await boards[0].canvas.count()) === 0;
	});

	await singleKeysOff(agent, keyboard);
	await keyboard.presses("End", "Shift+End");
	await keyboard.reaches(agent.button("End for both"));
	await keyboard.presses("Enter");
	await agent.sees("Call ended");
	await keyboard.reaches(page.getByRole("radio", { name: "1 star", exact: true }));
	await keyboard.presses("ArrowRight", "ArrowRight", "ArrowRight");
	await keyboard.reaches(agent.button("Send rating"));
	await keyboard.presses("Enter");
	await page.getByText("Thank you for your rating.").waitFor();
	await keyboard.reaches(agent.button("Start a call"));
	await keyboard.presses("Enter");
	await agent.sees("Start a call");
});

story("from the button to the sent invite few keys are pressed", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world);
	await agent.context.grantPermissions(["clipboard-read", "clipboard-write"]);
	await agent.invites();
	const writes = {
		async "all typed"(keyboard) {
			await keyboard.types(NUMBER);
			await keyboard.reaches(agent.field("Call reference"));
			await keyboard.types(REFERENCE);
		},
		async "a recent number"(keyboard) {
			await keyboard.reaches(agent.page.getByRole("button", { name: /^Use/ }).first());
			await keyboard.presses("Enter");
			await keyboard.reaches(agent.field("Call reference"));
			await keyboard.types(REFERENCE);
		},
		async "a pasted line"(keyboard) {
			await agent.page.evaluate((line) => navigator.clipboard.writeText(line), `${REFERENCE}\t${NUMBER}`);
			await keyboard.presses("Control+V");
			await becomes("the reference", () => agent.field("Call reference").inputValue(), REFERENCE);
		},
	};
	const pressed = {};
	for (const [how, write] of Object.entries(writes)) pressed[how] = await keysOf(agent, "Start a call", write);
	pressed["Invite again"] = await keysOf(agent, "Invite again", async () => undefined);
	console.log("keys from the focused button to the sent invite:", pressed);
	// Two for the two buttons, and what leads from one field to the other.
	const most = {
		"all typed": NUMBER.length + REFERENCE.length + 6,
		"a recent number": REFERENCE.length + 6,
		"a pasted line": 3,
		"Invite again": 2,
	};
	for (const [how, keys] of Object.entries(pressed)) assert.ok(keys <= most[how], `${how}: ${keys}`);
});

/** How many keys a further invite takes, from this button at the end of a call. */
async function keysOf(agent, name, write) {
	await agent.cancels();
	const keyboard = new Keyboard(agent);
	await keyboard.reaches(agent.button(name));
	keyboard.pressed = 0;
	await keyboard.presses("Enter");
	await keyboard.comeTo("Phone number");
	await write(keyboard);
	await keyboard.sends();
	await agent.page.getByText(REFERENCE, { exact: true }).first().waitFor();
	return keyboard.pressed;
}

/** What a button cannot do yet, its key cannot either. */
async function canTakePictures(agent) {
	const shutter = agent.button("Take screenshot");
	await becomes("what keeps the shutter", () => shutter.getAttribute("aria-disabled"), null);
}

/** Presses a key and sees the button of that name change. */
async function presses(agent, key, name) {
	const state = () => agent.button(name).getAttribute("aria-pressed");
	const before = await state();
	await agent.page.keyboard.press(key);
	await until(`${key} presses ${name}`, async () => (await state()) !== before);
}

/** Switches single keys off in Settings, sees that they do nothing, and that it is remembered. */
async function singleKeysOff(agent, keyboard) {
	const { page } = agent;
	await keyboard.presses("o");
	const box = page.getByRole("checkbox", { name: "Single keys", exact: true });
	await keyboard.reaches(box);
	await keyboard.presses("Space");
	await becomes("the box", () => box.isChecked(), false);
	await photograph(agent, "agent-settings-in-call");
	await keyboard.presses("Escape");
	await box.waitFor({ state: "detached" });
	await keyboard.presses("s", "c", "?");
	assert.equal(await page.getByRole("dialog").count(), 0);
	assert.equal(await agent.field("Message").count(), 0);
	assert.equal(await page.evaluate(() => localStorage.getItem("single-keys")), "off");
}
