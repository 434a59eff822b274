// A shared picture from the shutter to its deletion: both draw on it at once, send it, and open it
// from the chat.

import assert from "node:assert/strict";
import { BASE, Board, INK, SENT, distance, holdsUploads, keeps, kept, layouts, strokesOn, toScreen } from "./board.mjs";
import { LANDMARKS, LARGE } from "./cards.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { at, ofColour } from "./pixels.mjs";
import { frames } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

/** Places away from the landmarks. Each person's first stroke is drawn in two parts. */
const PATHS = {
	customer: [
		[
			[0.2, 0.2],
			[0.45, 0.24],
			[0.75, 0.3],
		],
		[
			[0.2, 0.4],
			[0.35, 0.36],
		],
	],
	agent: [
		[
			[0.75, 0.62],
			[0.45, 0.66],
			[0.2, 0.72],
		],
		[
			[0.55, 0.78],
			[0.7, 0.84],
		],
	],
};

story("the customer takes a picture, both draw on it at once, undo, send, open and delete it", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, { camera: "landmarks", dpr: 3 });
	const boards = { agent: new Board(agent), customer: new Board(customer) };
	const both = [boards.agent, boards.customer];
	await until("the agent sees the customer", async () => (await frames(agent.remote)) > 5);

	// The sharp picture is held back until both have drawn on the still.
	const upload = await holdsUploads(customer);
	await customer.button("Take screenshot").tap();
	await Promise.all(both.map((board) => board.opens()));
	const stills = await layouts(boards);
	await drawAtTheSameTime(boards, stills);
	await keeps(world, 0);
	upload.goOn();
	await keeps(world, 1);
	const base = await kept(world, agent, BASE);
	assert.deepEqual([base.width, base.height], [LARGE.width, LARGE.height], "as large as the camera gives it");
	await Promise.all(both.map((board) => board.isSharp()));
	const lay = await layouts(boards);
	// Nothing moves while people draw when the sharp picture replaces the still.
	for (const who of ["agent", "customer"]) {
		for (const side of ["left", "top", "width", "height"]) {
			const off = Math.abs(lay[who][side] - stills[who][side]);
			assert.ok(
				off < 3,
				`${who}: the sharp picture lies where the still was: ${JSON.stringify([stills[who], lay[who]])}`,
			);
		}
	}
	await bothSee(boards, lay, { customer: [0], agent: [0] });

	await new Mouse(agent).draws(PATHS.agent[1].map((place) => toScreen(lay.agent, place)));
	await (await Fingers.of(customer)).draws(PATHS.customer[1].map((place) => toScreen(lay.customer, place)));
	await bothSee(boards, lay, { customer: [0, 1], agent: [0, 1] });
	await undoAndRedo(boards, lay);
	await send(world, agent, customer);
	await Promise.all([agent.opensPicture(), customer.opensPicture()]);

	// "Back to live" keeps the picture: the strip opens it again, with its strokes.
	await agent.button("Back to live").click();
	await Promise.all(both.map((board) => board.isGone()));
	await agent.button("Open screenshot 1").click();
	await Promise.all(both.map((board) => board.opens()));
	await bothSee(boards, await layouts(boards), { customer: [0, 1], agent: [0, 1] });

	await customer.deletesPicture();
	await Promise.all(both.map((board) => board.isGone()));
	const before = await frames(agent.remote);
	await until("the live picture is back", async () => (await frames(agent.remote)) > before + 3);
	await keeps(world, 1);
	await kept(world, agent, SENT);
	await customer.opensPicture();
});

story("a picture that was never sent leaves nothing behind when deleted; the agent can send too", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, { dpr: 1 });
	const boards = [new Board(agent), new Board(customer)];
	for (const person of [agent, customer]) {
		await agent.button("Take screenshot").click();
		await Promise.all(boards.map((board) => board.opens()));
		await Promise.all(boards.map((board) => board.isSharp()));
		await keeps(world, 1);
		await person.deletesPicture();
		await Promise.all(boards.map((board) => board.isGone()));
		await keeps(world, 0);
	}
	await agent.button("Take screenshot").click();
	await Promise.all(boards.map((board) => board.opens()));
	await Promise.all(boards.map((board) => board.isSharp()));
	await agent.button("Send annotation").click();
	await Promise.all([agent.opensPicture(), customer.opensPicture()]);
	await keeps(world, 2);
	const { width, height } = await kept(world, agent, SENT);
	assert.deepEqual([width, height], [640, 360], "as large as the camera gives it");
});

/** Both draw at once; the other person sees each stroke while it is drawn and afterwards. */
async function drawAtTheSameTime(boards, lay) {
	const hands = { agent: new Mouse(boards.agent.person), customer: await Fingers.of(boards.customer.person) };
	const first = (who) => PATHS[who][0].slice(0, 2);
	const rest = (who) => PATHS[who][0].slice(1);
	const on = (who, path) => path.map((place) => toScreen(lay[who], place));
	await Promise.all(["agent", "customer"].map((who) => hands[who].begins(on(who, first(who)))));
	await Promise.all([
		boards.agent.shows(lay.agent, { customer: [first("customer")] }),
		boards.customer.shows(lay.customer, { agent: [first("agent")] }),
	]);
	await Promise.all(["agent", "customer"].map((who) => hands[who].goesOn(on(who, rest(who)))));
	await Promise.all([hands.agent.up(), hands.customer.up()]);
	await bothSee(boards, lay, { customer: [0], agent: [0] });
}

/** Both people see exactly these strokes. */
async function bothSee(boards, lay, { agent, customer }) {
	const drawn = {
		agent: agent.map((stroke) => PATHS.agent[stroke]),
		customer: customer.map((stroke) => PATHS.customer[stroke]),
	};
	await Promise.all([boards.agent.showsOnly(lay.agent, drawn), boards.customer.showsOnly(lay.customer, drawn)]);
}

/** Undo and redo change only the person's own strokes. */
async function undoAndRedo(boards, lay) {
	const people = { agent: boards.agent.person, customer: boards.customer.person };
	await people.customer.button("Undo single").tap();
	await bothSee(boards, lay, { customer: [0], agent: [0, 1] });
	await people.customer.button("Redo").tap();
	await bothSee(boards, lay, { customer: [0, 1], agent: [0, 1] });
	await people.customer.button("Undo all").tap();
	await bothSee(boards, lay, { customer: [], agent: [0, 1] });
	await people.agent.button("Undo single").click();
	await bothSee(boards, lay, { customer: [], agent: [0] });
	await people.customer.button("Redo").tap();
	await people.agent.button("Redo").click();
	await bothSee(boards, lay, { customer: [0, 1], agent: [0, 1] });
	await people.agent.button("Undo all").click();
	await bothSee(boards, lay, { customer: [0, 1], agent: [] });

	await people.agent.clearsEverything();
	await bothSee(boards, lay, { customer: [], agent: [] });
	const hands = { agent: new Mouse(people.agent), customer: await Fingers.of(people.customer) };
	for (const who of ["agent", "customer"]) {
		for (const path of PATHS[who]) await hands[who].draws(path.map((place) => toScreen(lay[who], place)));
	}
	await bothSee(boards, lay, { customer: [0, 1], agent: [0, 1] });
}

/** Sends the picture and checks what is stored: the picture at full size, all strokes, the time. */
async function send(world, agent, sender) {
	await sender.button("Send annotation").click();
	await keeps(world, 2);
	const picture = await kept(world, agent, SENT);
	const { width, height } = LARGE;
	assert.deepEqual([picture.width, picture.height], [width, height], "as large as the camera gives it");
	for (const [
		name,
		{
			rgb,
			at: [u, v],
		},
	] of Object.entries(LANDMARKS)) {
		const seen = at(picture, Math.round(u * width), Math.round(v * height));
		assert.ok(
			seen.every((value, of) => Math.abs(value - rgb[of]) < 48),
			`${name} is in the right place: ${seen}`,
		);
	}
	for (const whose of ["agent", "customer"]) {
		const strokes = strokesOn(picture, whose, (x, y) => [x / width, y / height], JPEG_TOLERANCE);
		for (const place of PATHS[whose].flat()) {
			assert.ok(
				strokes.some((stroke) => distance(stroke, place) < 0.01),
				`the ${whose}'s ink ${INK[whose]} is at ${place}`,
			);
		}
	}
	hasTimeStamp(picture);
}

/** Checks for light letters on a dark plate at the bottom left. */
function hasTimeStamp({ width, height, channels, data }) {
	const [wide, high] = [Math.round(width * 0.5), Math.round(height * 0.1)];
	const rows = Array.from({ length: high }, (_, row) =>
		data.subarray((height - high + row) * width * channels, ((height - high + row) * width + wide) * channels),
	);
	const corner = { width: wide, height: high, channels, data: Buffer.concat(rows) };
	const plate = ofColour(corner, [57, 57, 57], 25);
	const letters = ofColour(corner, [245, 245, 245], 25);
	const [left, right] = [Math.min(...plate.map(([x]) => x)), Math.max(...plate.map(([x]) => x))];
	const [top, bottom] = [Math.min(...plate.map(([, y]) => y)), Math.max(...plate.map(([, y]) => y))];
	const area = (right - left) * (bottom - top);
	assert.ok(
		left < width * 0.02 && bottom > high - height * 0.03,
		`the plate is at the bottom left: ${[left, right, top, bottom]}`,
	);
	assert.ok(
		right - left > 8 * (bottom - top) && right - left < width * 0.45,
		`it is as long as a date with time: ${right - left} px`,
	);
	assert.ok(plate.length > 0.5 * area, `it is dark: ${plate.length} of ${area} px`);
	assert.ok(
		letters.length > 0.03 * area && letters.length < 0.4 * area,
		`there are letters on it: ${letters.length} of ${area} px`,
	);
	assert.ok(
		letters.every(([x, y]) => x > left && x < right && y > top && y < bottom),
		"all of them on the plate",
	);
}

const JPEG_TOLERANCE = 40;
