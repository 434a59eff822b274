// The agent takes a picture and points at it; pictures survive a reload, a second device and two
// presses at once.

import { Board, layouts, sameStrokes, toScreen } from "./board.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { frames } from "./senses.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";
import { AGENT_NAME } from "./world.mjs";

const PATHS = {
	customer: [
		[0.2, 0.24],
		[0.5, 0.32],
		[0.8, 0.28],
	],
	agent: [
		[0.2, 0.7],
		[0.5, 0.62],
		[0.8, 0.74],
	],
};

story(
	"the agent takes a picture and points at it; a reload and a second device show the same strokes",
	async (stage) => {
		const world = await stage.world();
		const { agent, customer } = await stage.call(world, { camera: "landmarks" });
		const boards = { agent: new Board(agent), customer: new Board(customer) };
		await until("the agent sees the customer", async () => (await frames(agent.remote)) > 5);
		await cameraOffIsExplained(agent, customer);
		await pointsAtTheLivePicture(boards);

		await bothPressAtOnce(agent, customer);
		await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
		await becomes("the number of pictures that two presses make", () => picturesOf(agent), 1);
		let lay = await layouts(boards);
		await (await Fingers.of(customer)).draws(PATHS.customer.map((place) => toScreen(lay.customer, place)));
		await new Mouse(agent).draws(PATHS.agent.map((place) => toScreen(lay.agent, place)));
		const drawn = { agent: [PATHS.agent], customer: [PATHS.customer] };
		await Promise.all([boards.agent.showsOnly(lay.agent, drawn), boards.customer.showsOnly(lay.customer, drawn)]);
		await pointsAtThePicture(boards, lay);

		const before = await ink(boards, lay);
		for (const board of [boards.customer, boards.agent]) {
			await board.person.reloads();
			await board.isSharp(20_000);
			lay = await layouts(boards);
			await until(`the strokes are as before the ${board.person.who}'s reload`, async () => {
				const after = await ink(boards, lay);
				for (const of of Object.keys(before)) sameStrokes(before[of], after[of], of);
				return true;
			});
		}

		const second = await stage.customer(world, { camera: "landmarks", dpr: 1 });
		await second.opens((await world.last_sms()).link);
		await second.joins("Ada", "Move the call here");
		const elsewhere = new Board(second);
		await elsewhere.isSharp(20_000);
		await elsewhere.counted(1, 1);
		const there = await elsewhere.lies();
		await until("the second device shows the same strokes", async () => {
			const strokes = await elsewhere.strokes(there);
			for (const whose of ["agent", "customer"]) sameStrokes(before[`${whose} on customer`], strokes[whose], whose);
			return true;
		});
		await second.button("Undo single").tap();
		await boards.agent.showsOnly(lay.agent, { agent: [PATHS.agent] });
	},
);

async function cameraOffIsExplained(agent, customer) {
	await customer.switches("Camera", false);
	for (const person of [agent, customer]) {
		const shutter = person.button("Take screenshot");
		await until(`the ${person.who}'s page explains why no picture can be taken`, async () =>
			/camera is off/i.test((await shutter.getAttribute("aria-description")) ?? ""),
		);
		await becomes("the shutter's aria-disabled", () => shutter.getAttribute("aria-disabled"), "true");
	}
	await customer.switches("Camera", true);
	await until(
		"the shutter can be pressed",
		async () => (await agent.button("Take screenshot").getAttribute("aria-disabled")) === null,
	);
	const before = await frames(agent.remote);
	await until("the agent sees the customer again", async () => (await frames(agent.remote)) > before + 5);
}

/** Both press at the same moment, before either page can know of the other's press. */
async function bothPressAtOnce(agent, customer) {
	const shutters = await Promise.all(
		[agent, customer].map((person) => person.button("Take screenshot").elementHandle()),
	);
	const at_ms = Date.now() + 500;
	await Promise.all(
		shutters.map((shutter) =>
			shutter.evaluate(
				(button, at_ms) => new Promise((resolve) => setTimeout(() => resolve(button.click()), at_ms - Date.now())),
				at_ms,
			),
		),
	);
}

/** The number of pictures in the agent's strip. */
function picturesOf(agent) {
	return agent.strip.getByRole("button").count();
}

async function pointsAtTheLivePicture({ agent, customer }) {
	const [from, to] = await Promise.all([agent, customer].map((board) => board.lies("video")));
	// These places are near the middle, because the phone's screen crops the sides.
	for (const place of [
		[0.5, 0.5],
		[0.45, 0.3],
		[0.56, 0.75],
	]) {
		await agent.page.mouse.move(...toScreen(from, place));
		await pointed(customer, toScreen(to, place));
	}
	await agent.page.mouse.move(2, 2);
	await pointer(customer).waitFor({ state: "detached" });
}

async function pointsAtThePicture({ agent, customer }, lay) {
	for (const place of [
		[0.1, 0.9],
		[0.5, 0.45],
		[0.95, 0.2],
	]) {
		await agent.page.mouse.move(...toScreen(lay.agent, place));
		await pointed(customer, toScreen(lay.customer, place));
	}
	await agent.page.mouse.move(2, 2);
	await pointer(customer).waitFor({ state: "detached" });
}

function pointer(board) {
	return board.page.getByRole("img", { name: `${AGENT_NAME} points at the picture`, exact: true });
}

async function pointed(board, [x, y]) {
	await until(`the ${board.person.who} sees the pointer at ${x.toFixed(0)}, ${y.toFixed(0)}`, async () => {
		const dot = await pointer(board).locator("i").boundingBox({ timeout: 1_000 });
		const seen = [dot.x + dot.width / 2, dot.y + dot.height / 2];
		if (Math.hypot(seen[0] - x, seen[1] - y) > POINTER_PX) throw new Error(`it is at ${seen}`);
		return true;
	});
}

/** The strokes of each person, as each person sees them. */
async function ink(boards, lay) {
	const seen = {};
	for (const board of [boards.agent, boards.customer]) {
		const strokes = await board.strokes(lay[board.person.who]);
		for (const whose of ["agent", "customer"]) seen[`${whose} on ${board.person.who}`] = strokes[whose];
	}
	return seen;
}

const POINTER_PX = 5;
