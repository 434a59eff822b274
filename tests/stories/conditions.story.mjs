// What other people's browsers and networks do to a page.

import assert from "node:assert/strict";
import { Board } from "./board.mjs";
import { BARS } from "./cards.mjs";
import { CUSTOMER_NAME } from "./people.mjs";
import { LARGE_TEXT, PICTURES, photograph } from "./pictures.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

story("a browser without cookies and a network without sockets are named on both pages", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	await agent.invites();
	const { link } = await world.last_sms();

	await forgetsCookies(customer);
	await customer.opens(link);
	await customer.button("Join").tap();
	await customer.sees("This browser blocks cookies", SAID_MS);
	await agent.page.getByText(/browser blocks cookies/).waitFor({ timeout: SAID_MS });
	await photograph(customer, "no-cookies", LARGE_TEXT);
	await customer.context.unroute(ENTER);

	let swallows = true;
	await customer.context.routeWebSocket(/\/ws$/, (socket) => {
		if (!swallows) socket.connectToServer();
	});
	await customer.button("Try again").tap();
	await customer.field("Your name").fill(CUSTOMER_NAME);
	await customer.button("Show my camera").tap();
	await customer.page.getByText(/This network blocks the connection/).waitFor({ timeout: SAID_MS });
	await agent.page.getByText(/network blocks the connection/).waitFor({ timeout: SAID_MS });
	await photograph(customer, "network-blocked", LARGE_TEXT);
	await photograph(agent, "agent-network-blocked");

	swallows = false;
	await agent.waitsAt(/In the lobby/, SAID_MS);
	await customer.button("Join").tap();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	await shows(agent.remote, BARS);

	await customer.page.close();
	customer.page = await customer.context.newPage();
	await customer.opens(link);
	await customer.button("Move the call here").tap();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	await shows(agent.remote, BARS);
});

story("on translated pages and with clocks that somebody sets, words, numbers and pictures go on", async (stage) => {
	const world = await stage.world();
	const others = { script: `(${translates})();(${setsClock})()` };
	const { agent, customer } = await stage.call(world, others, others);
	await until("the page is translated", async () => (await customer.page.locator("font font").count()) > 0);

	const timer = customer.page.getByRole("timer");
	const before = await timer.textContent();
	await until("the timer goes on", async () => (await timer.textContent()) !== before);
	const mark = agent.page.getByRole("img", { name: `“${CUSTOMER_NAME}”’s microphone is off`, exact: true });
	await customer.switches("Microphone", false);
	await mark.waitFor();
	await customer.switches("Microphone", true);
	await mark.waitFor({ state: "detached" });

	for (const line of ["one", "two"]) await agent.says(line);
	await until("the badge counts", async () => (await badge(customer)) === "2");
	await customer.says("three");
	await customer.log.getByText("Sent", { exact: true }).waitFor();
	await becomes(
		"the number of lines on their way",
		() => customer.log.getByText("Sending", { exact: true }).count(),
		0,
	);
	await becomes("the badge", () => badge(customer), null);
	await theFieldStaysAboveTheKeyboard(customer);
	await customer.closesChat();

	await agent.closesChat();
	await takesAPictureWithOtherClocks(agent, customer);
	await theChosenToolIsSeen(agent);
});

/** The browser keeps no cookie that comes with a seat. */
async function forgetsCookies(customer) {
	await customer.context.route(ENTER, async (route) => {
		const response = await route.fetch();
		const { "set-cookie": _, ...headers } = response.headers();
		await customer.context.clearCookies();
		await route.fulfill({ response, headers });
	});
}

/** The number on the button "Chat". */
async function badge(person) {
	const found = person.button("Chat").locator(".badge");
	return (await found.count()) === 0 ? null : (await found.textContent({ timeout: 1_000 }))?.trim();
}

/** A phone on its side, whose keyboard leaves 140 px. */
async function theFieldStaysAboveTheKeyboard(customer) {
	const before = customer.page.viewportSize();
	await customer.page.setViewportSize({ width: 740, height: 340 });
	await customer.page.evaluate((height) => {
		Object.defineProperty(visualViewport, "height", { configurable: true, get: () => height });
		visualViewport.dispatchEvent(new Event("resize"));
	}, KEYBOARD_LEAVES);
	await photographed(customer, "chat-above-keyboard.740x340");
	for (const part of [customer.field("Message"), customer.button("Send"), customer.button("Close chat")]) {
		await until("the field and its buttons stand above the keyboard", async () => {
			const box = await part.boundingBox();
			if (box !== null && box.y >= 0 && box.y + box.height <= KEYBOARD_LEAVES) return true;
			throw new Error(JSON.stringify(box));
		});
	}
	await customer.page.evaluate(() => {
		delete visualViewport.height;
		visualViewport.dispatchEvent(new Event("resize"));
	});
	await customer.page.setViewportSize(before);
}

/** One clock is set an hour on, the other an hour back. */
async function takesAPictureWithOtherClocks(agent, customer) {
	const seconds = async (person) => {
		const [minutes, rest] = ((await person.page.getByRole("timer").textContent()) ?? "").split(":");
		return Number(minutes) * 60 + Number(rest);
	};
	const before = { agent: await seconds(agent), customer: await seconds(customer) };
	await customer.page.evaluate((ms) => window.__setClock(ms), HOUR_MS);
	await agent.page.evaluate((ms) => window.__setClock(ms), -HOUR_MS);
	await until("the timer goes on", async () => (await seconds(customer)) !== before.customer);
	for (const person of [agent, customer]) {
		const moved = (await seconds(person)) - before[person.who];
		assert.ok(moved >= 0 && moved < 60, `${person.who}: the timer moved by ${moved} s`);
	}
	await agent.button("Take screenshot").click();
	await new Board(agent).isSharp();
}

/** With forced colours the chosen tool has another background than the others. */
async function theChosenToolIsSeen(agent) {
	const tool = (name) => agent.page.getByRole("radio", { name, exact: true });
	await tool("Arrow").click();
	await agent.page.emulateMedia({ forcedColors: "active" });
	const background = (name) => tool(name).evaluate((element) => getComputedStyle(element).backgroundColor);
	await until("the chosen tool is seen", async () => (await background("Arrow")) !== (await background("Pen")));
	await photographed(agent, "forced-colours");
}

async function photographed(person, name) {
	await person.page.screenshot({ path: `${PICTURES}${name}.png`, scale: "css", animations: "disabled" });
}

/**
 * Runs in the page: does what a translator does to every text node, later ones too. The words stay,
 * so that the story can find them.
 */
function translates() {
	const translate = (text) => {
		if (text.data.trim() === "" || text.parentElement === null || text.parentElement.closest("font") !== null) return;
		const outer = document.createElement("font");
		const inner = document.createElement("font");
		inner.textContent = text.data;
		outer.append(inner);
		text.replaceWith(outer);
	};
	const all = (node) => {
		if (node.nodeType === Node.TEXT_NODE) translate(node);
		const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
		const found = [];
		while (walker.nextNode()) found.push(walker.currentNode);
		for (const text of found) translate(text);
	};
	addEventListener("DOMContentLoaded", () => {
		const observer = new MutationObserver((records) => {
			for (const { type, target, addedNodes } of records) {
				if (type === "characterData" && target.isConnected) translate(target);
				for (const node of addedNodes) if (node.isConnected) all(node);
			}
		});
		observer.observe(document.body, { childList: true, characterData: true, subtree: true });
		all(document.body);
	});
}

/** Runs in the page: lets the story set the device's clock. */
function setsClock() {
	const Native = Date;
	let by_ms = 0;
	window.__setClock = (ms) => {
		by_ms = ms;
	};
	window.Date = class extends Native {
		constructor(...of) {
			super(...(of.length === 0 ? [Native.now() + by_ms] : of));
		}
		static now() {
			return Native.now() + by_ms;
		}
	};
}

const ENTER = "**/api/enter";
const KEYBOARD_LEAVES = 140;
const HOUR_MS = 3_600_000;
/** How soon both people read what is wrong. */
const SAID_MS = 20_000;
