// Pictures when something fails: an upload, a phone that stops responding, a lost connection.

import assert from "node:assert/strict";
import { BASE, Board, UPLOADS, keeps, kept, layouts, toScreen } from "./board.mjs";
import { BARS } from "./cards.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { frames, shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

story(
	"a failed upload is retried three times, then reported; the call goes on, and a later retry works",
	async (stage) => {
		const world = await stage.world();
		const { agent, customer } = await stage.call(world);
		const boards = [new Board(agent), new Board(customer)];
		await shows(agent.remote, BARS);

		let puts = 0;
		await customer.context.route(UPLOADS, async (route) => {
			if (route.request().method() !== "PUT") return route.continue();
			puts += 1;
			// The first request gets no response, the others an error.
			return puts === 1 ? route.abort() : route.fulfill({ status: 500 });
		});
		await agent.button("Take screenshot").click();
		const failed = (person) => person.page.getByText("The sharp picture could not be uploaded.", { exact: true });
		await Promise.all([agent, customer].map((person) => failed(person).waitFor({ timeout: LATE_MS })));
		assert.equal(puts, 4, "one upload and three more tries");
		await Promise.all([agent.isConnected(), customer.isConnected()]);
		await keeps(world, 0);

		await customer.context.unroute(UPLOADS);
		await agent.button("Try again").click();
		await Promise.all(boards.map((board) => board.isSharp()));
		await keeps(world, 1);
		await agent.button("Back to live").click();
		await Promise.all(boards.map((board) => board.isGone()));
		const before = await frames(agent.remote);
		await until("the live picture moves", async () => (await frames(agent.remote)) > before + 3);
	},
);

story(
	"the agent can work while the phone does not respond; a lost connection neither loses nor repeats a stroke",
	async (stage) => {
		const world = await stage.world();
		const { agent, customer } = await stage.call(world, { camera: "landmarks" });
		const boards = { agent: new Board(agent), customer: new Board(customer) };
		// What the agent takes is a frame of it.
		await boards.agent.lies("video");

		const wakes = await stopsResponding(customer);
		await agent.button("Take screenshot").click();
		await boards.agent.opens();
		const alone = await boards.agent.lies();
		const path = [
			[0.2, 0.3],
			[0.8, 0.3],
		];
		await new Mouse(agent).draws(path.map((place) => toScreen(alone, place)));
		const goOn = agent.button("Use this picture (low resolution)");
		await goOn.waitFor({ timeout: LATE_MS });
		await agent.page.getByText(/^The sharp picture (is taking longer|is delayed)|in the background/).waitFor();
		await goOn.click();
		await agent.page.getByText("Low resolution", { exact: true }).waitFor();
		await boards.agent.showsOnly(await boards.agent.lies(), { agent: [path] });
		await keeps(world, 1);
		const { width, height } = await kept(world, agent, BASE);
		assert.ok(Math.abs(width / height - 16 / 9) < 0.02, `the picture the agent saw was stored: ${width}x${height}`);

		await wakes();
		await customer.page.getByText("Low resolution", { exact: true }).waitFor({ timeout: LATE_MS });
		const lay = await layouts(boards);
		await boards.customer.showsOnly(lay.customer, { agent: [path] });
		await keeps(world, 1);
		await customer.isConnected(/live|weak/i, 20_000);

		await theConnectionIsLost(world, boards, lay, path);
	},
);

/** A sharp picture counts as late after 8 s, and so do three more tries of an upload. */
const LATE_MS = 30_000;

/** One stroke is begun before the server dies and finished after; others are drawn meanwhile. */
async function theConnectionIsLost(world, boards, lay, before) {
	const { agent, customer } = boards;
	const [fingers, mouse] = [await Fingers.of(customer.person), new Mouse(agent.person)];
	const on = (who, path) => path.map((place) => toScreen(lay[who], place));
	const [begun, meanwhile, agents] = [
		[
			[0.2, 0.42],
			[0.4, 0.42],
			[0.8, 0.46],
		],
		[
			[0.2, 0.58],
			[0.8, 0.6],
		],
		[
			[0.2, 0.75],
			[0.8, 0.7],
		],
	];
	await fingers.begins(on("customer", begun.slice(0, 2)));
	await world.kill();
	await fingers.goesOn(on("customer", begun.slice(1)));
	await fingers.up();
	await fingers.draws(on("customer", meanwhile));
	await mouse.draws(on("agent", agents));
	await Promise.all([agent.person.isConnected(/reconnecting/i), customer.person.isConnected(/reconnecting/i)]);
	await customer.showsOnly(lay.customer, { customer: [begun, meanwhile], agent: [before] });
	await world.start();
	await Promise.all([
		agent.person.isConnected(/live|weak/i, 40_000),
		customer.person.isConnected(/live|weak/i, 40_000),
	]);

	await Promise.all([agent.counted(2, 2, 20_000), customer.counted(2, 2, 20_000)]);
	const now = await layouts(boards);
	for (const board of [agent, customer]) {
		await board.showsOnly(now[board.person.who], { customer: [begun, meanwhile], agent: [before, agents] });
	}
	await customer.person.button("Undo single").tap();
	await agent.showsOnly(now.agent, { customer: [begun], agent: [before, agents] });
	await agent.counted(2, 1);
}

/**
 * Blocks the page with an open dialog until the returned function is called, as when a phone
 * suspends the page.
 */
async function stopsResponding(person) {
	const asked = person.page.waitForEvent("dialog");
	// If the story fails, the page is closed with its dialog open.
	const held = person.page.evaluate(() => alert("held")).catch(() => {});
	const dialog = await asked;
	return async () => {
		await dialog.accept();
		await held;
	};
}
