// Drawing on a picture that is zoomed, panned or rotated, on dense and enlarged screens, and with
// the keyboard.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Board, layouts, toPicture, toScreen } from "./board.mjs";
import { DESKTOP, PHONE } from "./people.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { LANDSCAPE } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { stays, until } from "./until.mjs";

story(
	"two fingers zoom and pan, one draws; rotation, a cancelled touch and page zoom move no stroke",
	async (stage) => {
		const world = await stage.world();
		const { agent, customer } = await stage.call(world, { camera: "landmarks", dpr: 3 });
		const boards = { agent: new Board(agent), customer: new Board(customer) };
		await customer.button("Take screenshot").tap();
		await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
		const lay = await layouts(boards);
		const fingers = await Fingers.of(customer);
		/** The customer's strokes, oldest first. */
		const drawn = [];
		const draws = async (path, on) => {
			await fingers.draws(path.map((place) => toScreen(on, place)));
			drawn.push(path);
			await boards.agent.showsOnly(lay.agent, { customer: drawn });
		};
		await draws(
			[
				[0.2, 0.2],
				[0.8, 0.26],
			],
			lay.customer,
		);

		const zoomed = await pinches(boards, fingers, lay);
		await draws(
			[
				[0.43, 0.42],
				[0.57, 0.44],
			],
			zoomed,
		);
		const panned = await pans(boards.customer, fingers, zoomed);
		await draws(
			[
				[0.44, 0.58],
				[0.57, 0.55],
			],
			panned,
		);
		await pinchesSlowly(boards, panned, lay, drawn);
		drawn.push(await aSecondFingerEndsTheStroke(boards, fingers, panned, lay, drawn));
		await customer.button("Show the whole picture").tap();
		await boards.customer.showsOnly(await boards.customer.lies(), { customer: drawn });

		await turns(boards, fingers, lay, drawn, draws);
		drawn.push(await theSystemCancelsTheTouch(boards, fingers, lay, drawn));
		await pageZoom(boards, drawn);
	},
);

story("the agent draws with the keyboard alone, and by tapping", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, { camera: "landmarks" });
	const boards = { agent: new Board(agent), customer: new Board(customer) };
	await focusByKeyboard(agent, "Take screenshot");
	await agent.page.keyboard.press("Enter");
	await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
	const lay = await layouts(boards);
	const key = async (name, times = 1) => {
		for (let time = 0; time < times; time += 1) await agent.page.keyboard.press(name);
	};

	// Steps are fractions of the longer side: 0.05 with Shift, 0.01 without. The cursor starts in
	// the middle.
	await until("the keyboard reaches the canvas", async () => {
		await key("Tab");
		return boards.agent.canvas.evaluate((canvas) => document.activeElement === canvas);
	});
	await key("2");
	await key("Shift+ArrowLeft", 4);
	await key("ArrowUp", 10);
	await key("Enter");
	await key("Shift+ArrowRight", 6);
	await key("ArrowUp", 3);
	await key("Enter");
	const wide = 16 / 9;
	const arrow = [
		[0.3, 0.5 - 0.1 * wide],
		[0.6, 0.5 - 0.13 * wide],
	];
	await boards.customer.shows(lay.customer, { agent: [arrow] });
	await key("6");
	await key("Shift+ArrowDown", 5);
	await key("Enter");
	const step = [0.6, 0.5 + 0.12 * wide];
	// The disc is visible beside the number in its middle.
	const disc = [-0.011, 0.011].map((off) => [[step[0] + off, step[1]]]);
	await boards.customer.shows(lay.customer, { agent: disc });
	await customer.page.getByText("Strokes by Grace: 2.").waitFor({ state: "attached" });
	await key("Control+z");
	await boards.customer.counted(0, 1);
	await key("Control+y");
	await boards.customer.counted(0, 2);

	await agent.page.getByRole("radio", { name: "Box", exact: true }).click();
	const box = [
		[0.2, 0.62],
		[0.4, 0.8],
	];
	for (const corner of box) await agent.page.mouse.click(...toScreen(lay.agent, corner));
	const around = [box[0], [box[1][0], box[0][1]], box[1], [box[0][0], box[1][1]], box[0]];
	await boards.customer.shows(lay.customer, { agent: [around] });
	await agent.page.getByRole("radio", { name: "Text", exact: true }).click();
	await agent.page.mouse.click(...toScreen(lay.agent, [0.3, 0.4]));
	await agent.field("Text on the picture").fill("this valve");
	await agent.page.keyboard.press("Enter");
	await until("the customer sees the text", async () => {
		const strokes = await boards.customer.strokes(lay.customer);
		return strokes.agent.filter(([u, v]) => u > 0.3 && u < 0.5 && Math.abs(v - 0.4) < 0.03).length > 50;
	});
	await boards.customer.counted(0, 4);
});

/** Two fingers move apart: the picture is enlarged between them, and no stroke is drawn. */
async function pinches({ agent, customer }, fingers, lay) {
	const middle = toScreen(lay.customer, [0.5, 0.5]);
	const beside = (off) => [middle[0] + off, middle[1]];
	await fingers.pinches([beside(-30), beside(30)], [beside(-90), beside(90)]);
	const zoomed = await customer.lies();
	const factor = zoomed.width / lay.customer.width;
	assert.ok(factor > 2 && factor < 3.5, `three times as far apart: ${factor} times as large`);
	const at = toPicture(zoomed, middle);
	assert.ok(Math.hypot(at[0] - 0.5, at[1] - 0.5) < 0.02, `the place between the fingers stays there: ${at}`);
	await stays("two fingers draw nothing", async () => (await agent.counts()).other === 1, 300);
	return zoomed;
}

async function pans(customer, fingers, zoomed) {
	const spots = (dx, dy) => [
		[150 + dx, 400 + dy],
		[230 + dx, 400 + dy],
	];
	await fingers.pinches(spots(0, 0), spots(24, -16));
	const panned = await customer.lies();
	assert.ok(Math.abs(panned.width - zoomed.width) < 4, "it keeps its size");
	assert.ok(Math.abs(panned.left - zoomed.left - 24) < 4, `it follows the fingers: ${panned.left - zoomed.left}`);
	return panned;
}

/** People pinch slowly: the first finger has drawn for 250 ms when the second one comes. */
async function pinchesSlowly({ agent, customer }, panned, lay, drawn) {
	const session = await customer.person.context.newCDPSession(customer.page);
	const began_s = Date.now() / 1_000 - 1;
	const touch = (type, after_ms, ...spots) =>
		session.send("Input.dispatchTouchEvent", {
			type,
			touchPoints: spots.map(([x, y], id) => ({ x, y, id })),
			timestamp: began_s + after_ms / 1_000,
		});
	const [x, y] = toScreen(panned, [0.45, 0.44]);
	await touch("touchStart", 0, [x, y]);
	await touch("touchMove", 200, [x + 6, y]);
	await touch("touchMove", 240, [x + 12, y]);
	await touch("touchStart", 250, [x + 12, y], [x - 88, y + 80]);
	await touch("touchMove", 300, [x + 12, y], [x - 88, y + 80]);
	await touch("touchEnd", 320);
	await agent.showsOnly(lay.agent, { customer: drawn });
	await agent.counted(0, drawn.length);
}

/** A later finger ends a stroke; it is kept if it has moved since its first touch. */
async function aSecondFingerEndsTheStroke({ agent }, fingers, panned, lay, drawn) {
	const path = [
		[0.45, 0.49],
		[0.56, 0.47],
	];
	await fingers.begins(path.map((place) => toScreen(panned, place)));
	await agent.shows(lay.agent, { customer: [path] });
	await delay(PINCH_MS);
	const last = toScreen(panned, path[1]);
	await fingers.down(last, [last[0] - 100, last[1] + 80]);
	await fingers.up(last);
	await fingers.up();
	await agent.counted(0, drawn.length + 1);
	await agent.showsOnly(lay.agent, { customer: [...drawn, path] });
	return path;
}

/** The phone is rotated between two strokes and during one. */
async function turns({ agent, customer }, fingers, lay, drawn, draws) {
	await customer.page.setViewportSize(LANDSCAPE);
	const turned = await customer.lies();
	await customer.showsOnly(turned, { customer: drawn });
	await draws(
		[
			[0.25, 0.8],
			[0.75, 0.84],
		],
		turned,
	);

	const path = [
		[0.25, 0.7],
		[0.6, 0.72],
	];
	await fingers.begins(path.map((place) => toScreen(turned, place)));
	await customer.page.setViewportSize(PHONE);
	const back = await customer.lies();
	await fingers.up();
	drawn.push(path);
	await agent.counted(0, drawn.length);
	await agent.showsOnly(lay.agent, { customer: drawn });
	await customer.showsOnly(back, { customer: drawn });
}

async function theSystemCancelsTheTouch({ agent, customer }, fingers, lay, drawn) {
	const path = [
		[0.3, 0.33],
		[0.7, 0.35],
	];
	const upright = await customer.lies();
	await fingers.begins(path.map((place) => toScreen(upright, place)));
	await fingers.cancel();
	await agent.counted(0, drawn.length + 1);
	await agent.showsOnly(lay.agent, { customer: [...drawn, path] });
	return path;
}

/** Page zoom gives a page fewer and denser pixels. */
async function pageZoom({ agent, customer }, drawn) {
	const session = await agent.person.context.newCDPSession(agent.page);
	const path = [
		[0.75, 0.6],
		[0.2, 0.64],
	];
	for (const factor of [1.5, 2]) {
		const [width, height] = [DESKTOP.width / factor, DESKTOP.height / factor].map(Math.round);
		await session.send("Emulation.setDeviceMetricsOverride", {
			width,
			height,
			deviceScaleFactor: factor,
			mobile: false,
		});
		const enlarged = await agent.lies();
		await agent.showsOnly(enlarged, { customer: drawn, agent: factor > 1.5 ? [path] : [] });
		if (factor > 1.5) continue;
		await new Mouse(agent.person).draws(path.map((place) => toScreen(enlarged, place)));
		await customer.showsOnly(await customer.lies(), { customer: drawn, agent: [path] });
	}
}

async function focusByKeyboard(person, name) {
	await until(`the keyboard reaches ${name}`, async () => {
		await person.page.keyboard.press("Tab");
		return person.button(name).evaluate((button) => document.activeElement === button);
	});
}

/** A second finger within this time was the second of two. */
const PINCH_MS = 500;
