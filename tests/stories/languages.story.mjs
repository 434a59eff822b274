// The pages in other languages: right to left, and with texts longer than any of theirs.

import assert from "node:assert/strict";
import { everybodyCanUse } from "./axe.mjs";
import { Board, layouts, toScreen } from "./board.mjs";
import { NUMBER } from "./people.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { LARGE_TEXT, on, photograph, PICTURES, SMALL } from "./pictures.mjs";
import { textsIn } from "./spoken.mjs";
import { story } from "./stage.mjs";
import { becomes } from "./until.mjs";

/** `SIGHTLINE_LANGUAGES=de,he` photographs the screens in others. */
const SPOKEN = (process.env.SIGHTLINE_LANGUAGES ?? "ar").split(",");
const RIGHT_TO_LEFT = ["ar", "he"];

for (const tag of SPOKEN) {
	story(`a call in ${tag}, from the invite to the case`, (stage) => callIn(stage, tag), 300_000);
}

async function callIn(stage, tag) {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([
		stage.agent(world, { language: tag }),
		stage.customer(world, { language: tag, camera: "landmarks" }),
	]);
	const see = (person, name) => everybodyCanUse(person, `${tag}-${person.who}-${name}`);
	await speaks(agent, tag);
	await agent.button("Send invite").click();
	await see(agent, "1-start-refused");
	await agent.invites();
	const { text, link } = await world.last_sms();
	assert.ok(segments(text) <= 2, `${segments(text)} segments: ${text}`);
	await see(agent, "2-waiting");

	await customer.opens(link);
	await customer.field("Your name").waitFor();
	await speaks(customer, tag);
	await see(customer, "1-lobby");
	await customer.joins();
	const live = new RegExp(`${textsIn(tag).get("Live")}|${textsIn(tag).get("Weak connection")}`);
	for (const person of [agent, customer]) {
		await person.button("End call").waitFor();
		await person.isConnected(live);
	}
	await see(agent, "3-call");
	await see(customer, "2-call");
	await theyWrite(agent, customer, tag);
	// The blue of own lines is given, and has 3.7:1 with white.
	await photograph(agent, `${tag}-agent-4-chat`, LARGE_TEXT);
	await photograph(customer, `${tag}-customer-3-chat`, LARGE_TEXT);
	for (const person of [agent, customer]) await person.closesChat();
	await theyDraw(agent, customer);
	await see(agent, "5-picture");
	await see(customer, "4-picture");
	await agent.button("Settings").click();
	await agent.page.getByLabel("Language of this page", { exact: true }).waitFor();
	await see(agent, "6-settings");
	await agent.page.keyboard.press("Escape");

	await agent.endsCall();
	await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
	for (const person of [agent, customer]) await person.button("Send rating").waitFor();
	await see(agent, "7-ended");
	await see(customer, "5-ended");
	await agent.page.getByRole("link", { name: "Open call", exact: true }).click();
	await agent.page
		.getByRole("img", { name: textsIn(tag).get("Picture {n}, as taken").replace("{n}", fsi("1", tag)) })
		.waitFor();
	await see(agent, "8-detail");
	await agent.page.getByRole("link", { name: "Calls", exact: true }).click();
	await agent.page.getByRole("searchbox", { name: "Search calls", exact: true }).waitFor();
	await agent.page.locator(".call-link").waitFor();
	await see(agent, "9-calls");
	await agent.page.getByRole("link", { name: "Admin", exact: true }).click();
	await see(agent, "10-figures");
	await agent.page.getByRole("link", { name: "API keys", exact: true }).click();
	await agent.button("Make a key").click();
	await see(agent, "11-key");
}

/** The page says which language it speaks, and runs as that language does. */
async function speaks({ page }, tag) {
	const says = () => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);
	await becomes("the page's language", says, [tag, RIGHT_TO_LEFT.includes(tag) ? "rtl" : "ltr"]);
}

/** Own lines stand at the end of the line: right, in right-to-left pages left. */
async function theyWrite(agent, customer, tag) {
	await customer.says("+49 151 (1)");
	await agent.says(textsIn(tag).get("Call ended"));
	await customer.reads(textsIn(tag).get("Call ended"));
	for (const person of [agent, customer]) {
		await person.reads("+49 151 (1)");
		const sides = () =>
			person.page.evaluate(() => {
				const { left, right } = document.querySelector(".lines").getBoundingClientRect();
				const side = (line) => {
					const box = document.querySelector(line).getBoundingClientRect();
					return box.left - left > right - box.right ? "right" : "left";
				};
				return [side(".line.own"), side(".line.other")];
			});
		const expected = RIGHT_TO_LEFT.includes(tag) ? ["left", "right"] : ["right", "left"];
		await becomes(`${person.who}: own and other lines`, sides, expected);
	}
}

/** No picture is mirrored: what one draws left is left for both. */
async function theyDraw(agent, customer) {
	await agent.button("Take screenshot").click();
	const boards = { agent: new Board(agent), customer: new Board(customer) };
	await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
	const lay = await layouts(boards);
	const low = [
		[0.2, 0.5],
		[0.3, 0.7],
	];
	const high = [
		[0.25, 0.4],
		[0.6, 0.4],
	];
	await (await Fingers.of(customer)).draws(low.map((place) => toScreen(lay.customer, place)));
	await agent.page.keyboard.press("1");
	await new Mouse(agent).draws(high.map((place) => toScreen(lay.agent, place)));
	for (const who of ["agent", "customer"]) await boards[who].shows(lay[who], { customer: [low], agent: [high] });
}

/** A message of 160 characters of GSM-7, or of 70 and then 67 units of UCS-2 each. */
function segments(text) {
	if (/^[\n -~£¥èéùìòÇØøÅåÆæßÉ¤¡ÄÖÑÜ§¿äöñüà]*$/.test(text)) return Math.ceil(text.length / 160);
	return text.length <= 70 ? 1 : Math.ceil(text.length / 67);
}

/** A value within a right-to-left sentence is isolated. */
const fsi = (value, tag) => (RIGHT_TO_LEFT.includes(tag) ? `\u2068${value}\u2069` : value);

story("the language is chosen in Settings, at once and for the next time", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world);
	await agent.field("Call reference").fill("CASE-00042");
	await agent.button("Settings").click();
	await agent.page.getByLabel("Language of this page", { exact: true }).selectOption("he");
	const hebrew = textsIn("he");
	await agent.heading(hebrew.get("Start a call")).waitFor();
	await speaks(agent, "he");
	await agent.button(hebrew.get("Done")).click();
	// Nothing is lost.
	await becomes("the reference", () => agent.field(hebrew.get("Call reference")).inputValue(), "CASE-00042");
	await agent.page.getByRole("option", { name: "גרמניה" }).first().waitFor({ state: "attached" });
	await agent.page.reload();
	await agent.heading(hebrew.get("Start a call")).waitFor();
	await agent.field(hebrew.get("Phone number")).fill("+1");
	await agent.button(hebrew.get("Settings")).click();
	await agent.page.getByLabel(hebrew.get("Language of this page"), { exact: true }).selectOption("");
	await agent.sees("Start a call");
	await speaks(agent, "en");
});

story("texts longer by 40 % than German ones overflow nowhere on the smallest phone", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([
		stage.agent(world, { language: "de", longer: true }),
		stage.customer(world, { language: "de", longer: true }),
	]);
	// A state of the connection that may come at any moment, with a longer text as well.
	const weak = textsIn("de").get("Weak connection");
	const says = `${weak} ${weak.slice(0, Math.ceil(0.4 * weak.length))}`;
	const fits = (person, name) =>
		on(person.page, SMALL, async () => {
			await person.page.evaluate((words) => {
				for (const span of document.querySelectorAll(".connection > span")) span.firstChild.data = words;
			}, says);
			await person.page.screenshot({ path: `${PICTURES}longer-${person.who}-${name}.png`, scale: "css" });
			await overflowsNowhere(person, name);
		});
	const title = (await agent.page.locator("h1").textContent()) ?? "";
	assert.ok(title.length >= 1.4 * textsIn("de").get("Start a call").length, title);
	await agent.button("Send invite").click();
	await fits(agent, "start");
	await agent.invites(NUMBER);
	await fits(agent, "waiting");
	await customer.opens((await world.last_sms()).link);
	await customer.field("Your name").waitFor();
	await fits(customer, "lobby");
	await customer.joins();
	for (const person of [agent, customer]) await person.button("End call").waitFor();
	await fits(agent, "call");
	await fits(customer, "call");
	for (const person of [agent, customer]) await person.opensChat();
	await fits(agent, "chat");
	await fits(customer, "chat");
	for (const person of [agent, customer]) await person.closesChat();
	await customer.button("Take screenshot").click();
	await Promise.all([agent, customer].map((person) => new Board(person).opens()));
	await fits(agent, "picture");
	await fits(customer, "picture");
	await agent.endsCall();
	for (const person of [agent, customer]) await person.button("Send rating").waitFor();
	await fits(agent, "ended");
	await fits(customer, "ended");
	await agent.page.getByRole("link", { name: "Open call", exact: true }).click();
	await agent.button("Add note").waitFor();
	await fits(agent, "detail");
	await agent.page.getByRole("link", { name: "Calls", exact: true }).click();
	await agent.page.locator(".call-link").waitFor();
	await fits(agent, "calls");
});

/** No element reaches beyond the screen, and no control hides a part of its words. */
async function overflowsNowhere({ page, who }, name) {
	const found = await page.evaluate(() => {
		// A button is cut by the box around it, or lies below something else. In a call much lies
		// over each other.
		const isWhole = (element) => {
			if (document.querySelector(".call") !== null) return true;
			element.scrollIntoView({ block: "center" });
			const { left, top, right, bottom } = element.getBoundingClientRect();
			const inside = (x, y) => element.contains(document.elementFromPoint(x, y));
			return (
				inside(left + 8, top + 8) && inside(right - 8, bottom - 8) && inside((left + right) / 2, (top + bottom) / 2)
			);
		};
		const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
		const scrolls = (element) =>
			element.closest(".scrolls, .strip, .visually-hidden, canvas, video, svg, [aria-hidden=true]");
		return [...document.querySelectorAll("body *")].flatMap((element) => {
			if (!seen(element) || scrolls(element)) return [];
			const box = element.getBoundingClientRect();
			const outside = box.width > 0 && (box.left < -1 || box.right > innerWidth + 1);
			const cut =
				element.matches("button, a, label, h1, h2, h3, dt, dd, p") &&
				element.scrollWidth > element.clientWidth + 1 &&
				getComputedStyle(element).display !== "inline";
			const clipped = element.matches(".button") && !isWhole(element);
			return outside || cut || clipped
				? [`${element.tagName}.${element.className}: ${element.textContent.slice(0, 60)}`]
				: [];
		});
	});
	assert.deepEqual(found, [], `${who}, ${name}`);
}
