// Every screen as a picture in tests/pictures/, for people to look at: phones at 390x844, desktops
// at 1440x900, the call in landscape too.

import assert from "node:assert/strict";
import { Board, holdsUploads, layouts, toScreen } from "./board.mjs";
import { BARS, STRIPES } from "./cards.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { LANDSCAPE, LARGE_TEXT, PICTURES, SMALL, photograph } from "./pictures.mjs";
import { leavesRoom } from "./room.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

story(
	"every screen of a call, on a phone and on a desktop",
	async (stage) => {
		const world = await stage.world();
		const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
		await photograph(agent, "agent-1-start");
		await agent.field("Phone number").fill("12");
		await agent.field("Call reference").fill("short");
		await agent.button("Send invite").click();
		await photograph(agent, "agent-2-start-refused");
		await agent.invites();
		await agent.code();
		await photograph(agent, "agent-3-waiting-sent", LARGE_TEXT);
		await agent.button("Show QR code").click();
		await agent.page.getByRole("img", { name: /QR/ }).waitFor();
		await photograph(agent, "agent-4-waiting-qr");
		await agent.page.keyboard.press("Escape");

		const { link } = await world.last_sms();
		await customer.opens(link);
		await customer.field("Your name").waitFor();
		await photograph(customer, "customer-1-lobby");
		await customer.button("Show my camera").tap();
		await shows(customer.page.getByLabel("Your picture", { exact: true }), BARS);
		await agent.waitsAt(/In the lobby/);
		await photograph(customer, "customer-2-lobby-preview");
		await photograph(agent, "agent-5-waiting-lobby");
		await customer.field("Your name").fill("Ada");
		await customer.button("Join").tap();
		await Promise.all([agent.isInCall(), customer.isInCall()]);
		await shows(agent.remote, BARS);
		await photograph(customer, "customer-3-call", LANDSCAPE);
		await agent.switches("Camera", true);
		await shows(customer.remote, STRIPES);
		await photograph(customer, "customer-4-call-agent-seen", LANDSCAPE);
		await photograph(agent, "agent-6-call", LANDSCAPE);

		await customer.says("Is this the label you need?");
		await agent.says(
			"Yes. Please come a little closer, and hold the phone upright so that the whole of the label can be read.",
		);
		await customer.reads(
			"Yes. Please come a little closer, and hold the phone upright so that the whole of the label can be read.",
		);
		await photograph(customer, "customer-5-chat", LANDSCAPE);
		await photograph(agent, "agent-7-chat", LANDSCAPE);
		await customer.closesChat();
		await agent.closesChat();
		await agent.button("Settings").click();
		await photograph(agent, "agent-8-settings");
		await agent.page.keyboard.press("Escape");

		await agent.switches("Microphone", false);
		await customer.switches("Camera", false);
		await photograph(customer, "customer-6-camera-off", LANDSCAPE);
		await photograph(agent, "agent-9-customer-camera-off");
		await customer.button("End call").tap();
		await customer.button("End for both").waitFor();
		await photograph(customer, "customer-7-end-asked", LANDSCAPE);
		await customer.button("Cancel").tap();

		await world.kill();
		await Promise.all([agent.isConnected(/reconnecting/i), customer.isConnected(/reconnecting/i)]);
		await photograph(customer, "customer-8-reconnecting", LANDSCAPE);
		await photograph(agent, "agent-10-reconnecting");
		await world.start();
		await Promise.all([agent.isConnected(/live|weak/i, 30_000), customer.isConnected(/live|weak/i, 30_000)]);
		await agent.endsCall();
		await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
		for (const person of [customer, agent]) await person.button("Send rating").waitFor();
		await photograph(customer, "customer-9-ended", SMALL, LARGE_TEXT);
		await photograph(agent, "agent-11-ended", SMALL, LARGE_TEXT);
		await agent.page.goto(`${world.base}/outbox`);
		await agent.page.getByRole("link").first().waitFor();
		await agent.page.screenshot({ path: `${PICTURES}outbox.png` });
	},
	300_000,
);

story("every screen of an unusable link and of a camera that does not work", async (stage) => {
	const world = await stage.world();
	const [agent, denied, none] = await Promise.all([
		stage.agent(world),
		stage.customer(world, { camera: "denied" }),
		stage.customer(world, { camera: "none" }),
	]);
	await denied.opens("/j");
	await denied.field("Code").waitFor();
	await photograph(denied, "code", LARGE_TEXT);
	await denied.typesCode("ABCD 2345");
	await denied.page.getByRole("alert").getByText("This code does not work").waitFor();
	await photograph(denied, "code-wrong", LARGE_TEXT);
	await denied.page.goto("about:blank");
	await denied.opens("/j#AAAAAAAAAAAAAAAAAAAAAA");
	await denied.sees("This link is not valid");
	await photograph(denied, "link-unknown");

	await agent.invites();
	const { link } = await world.last_sms();
	await denied.page.goto("about:blank");
	await denied.opens(link);
	await denied.button("Show my camera").tap();
	await denied.sees("The camera is blocked");
	await photograph(denied, "camera-denied");
	await photograph(agent, "agent-customer-camera-denied");
	await none.opens(link);
	await none.button("Show my camera").tap();
	await none.sees("No camera was found");
	await photograph(none, "camera-absent");
	await agent.cancels();
	await denied.sees("This invitation was cancelled");
	await photograph(denied, "link-cancelled");
	await photograph(agent, "agent-cancelled");
});

story("every screen of a picture", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, { camera: "landmarks" });
	const boards = { agent: new Board(agent), customer: new Board(customer) };
	const both = async (name, ...more) => {
		await photograph(customer, `customer-${name}`, ...more);
		await photograph(agent, `agent-${name}`, ...more);
	};
	const upload = await holdsUploads(customer);
	await customer.button("Take screenshot").tap();
	await Promise.all([boards.agent.lies(), boards.customer.lies()]);
	await both("picture-1-coming");
	await agent.button("Use this picture (low resolution)").waitFor({ timeout: 30_000 });
	await both("picture-2-late", LANDSCAPE);
	await agent.button("Use this picture (low resolution)").click();
	await customer.page.getByText("Low resolution", { exact: true }).waitFor();
	await both("picture-3-low-resolution");
	await customer.deletesPicture();
	// The offer goes after a few seconds.
	const offered = customer.button("Take another").waitFor();
	await Promise.all([offered, boards.agent.isGone(), boards.customer.isGone()]);
	await photograph(customer, "customer-picture-4-deleted", LANDSCAPE);
	upload.goOn();

	await agent.button("Take screenshot").click();
	await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
	for (const board of [boards.customer, boards.agent]) await leavesRoom(board);
	await theyDraw(boards);
	await both("picture-5-drawn", LANDSCAPE);
	await customer.button("Send annotation").tap();
	for (const person of [agent, customer]) {
		await person.opensChat();
		const picture = person.log.getByRole("button", { name: "Open picture", exact: true });
		await until("the picture is in the chat", () =>
			picture.locator("img").evaluate((image) => image.complete && image.naturalWidth > 0),
		);
	}
	await both("picture-6-chat", LANDSCAPE);
	for (const person of [customer, agent]) {
		await person.button("Open picture").click();
		await until("the picture is shown", () =>
			person.page
				.getByRole("dialog")
				.getByRole("img")
				.evaluate((image) => image.complete !== false),
		);
		await photograph(person, `${person.who}-picture-7-viewer`, LANDSCAPE);
		await person.button("Close picture").click();
		await person.closesChat();
	}
	await customer.button("Back to live").tap();
	await Promise.all([boards.agent.isGone(), boards.customer.isGone()]);
	await photograph(agent, "agent-picture-8-strip", LANDSCAPE);
	await photograph(customer, "customer-picture-8-live-again");

	const requests = [];
	customer.page.on("request", (request) => requests.push(request.url()));
	await agent.endsCall();
	await customer.sees("Call ended");
	await agent.sees("Call ended");
	const save = customer.page.getByRole("link", { name: "Save", exact: true });
	const saved = customer.page.waitForEvent("download");
	await save.tap();
	assert.equal((await saved).suggestedFilename(), "picture-1.jpg");
	// Chromium asks for the icon again when the scheme changes, as it did for the picture before.
	const own = (url) => url.startsWith("blob:") || url.includes("/assets/") || url.endsWith("/favicon.svg");
	const loaded = requests.filter((url) => !own(url));
	assert.deepEqual(loaded, [], "nothing is loaded after the end");
	await photograph(customer, "customer-picture-9-ended", SMALL);
});

/** The customer draws a ring, the agent draws with every tool. */
async function theyDraw(boards) {
	const lay = await layouts(boards);
	const ring = Array.from({ length: 25 }, (_, at) => [0.25 + 0.09 * Math.cos(at / 4), 0.42 + 0.15 * Math.sin(at / 4)]);
	await (await Fingers.of(boards.customer.person)).draws(ring.map((place) => toScreen(lay.customer, place)));
	const { page } = boards.agent;
	const mouse = new Mouse(boards.agent.person);
	const on = (...path) => path.map((place) => toScreen(lay.agent, place));
	for (const [key, path] of [
		["1", on([0.6, 0.8], [0.7, 0.7], [0.75, 0.84], [0.82, 0.72])],
		["2", on([0.6, 0.2], [0.45, 0.36])],
		["3", on([0.52, 0.42], [0.64, 0.6])],
		["4", on([0.16, 0.72], [0.4, 0.86])],
	]) {
		await page.keyboard.press(key);
		await mouse.draws(path);
	}
	await page.keyboard.press("6");
	for (const spot of on([0.72, 0.3], [0.8, 0.42])) await page.mouse.click(...spot);
	await page.keyboard.press("5");
	await page.mouse.click(...on([0.62, 0.2])[0]);
	await boards.agent.person.field("Text on the picture").fill("turn this valve");
	await page.keyboard.press("Enter");
	await page.keyboard.press("1");
	await boards.customer.counted(1, 7);
}
