// How soon the other person sees a stroke while it is drawn, and the sharp picture after the
// shutter. Both browsers and all servers run on this machine: there is no network delay, and they
// share its processors.
//
// A measurement starts when the page handles the event. A second one starts at the browser's
// `timeStamp` of the event, because Chromium holds a finger's moves back until the next frame. Both
// end after the frame in which the other page painted the change; that page checks once per frame,
// in a message that arrives after painting. All times are wall-clock times. The offset between a
// page's clock and the machine's is measured and subtracted.

import assert from "node:assert/strict";
import { Board, INK, layouts, toScreen } from "./board.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

const STROKES = 200;
const COLUMNS = 10;
const CAPTURES = 15;
/** The aim, and a failure bound loose enough for a busy machine. */
const STROKE = { aim_ms: 60, broken_ms: 400 };
const SHUTTER = { aim_ms: 1_500, broken_ms: 6_000 };

story(
	"strokes and pictures reach the other person in time",
	async (stage) => {
		const world = await stage.world();
		const { agent, customer } = await stage.call(world, { camera: "landmarks", script: watch }, { script: watch });
		const boards = { agent: new Board(agent), customer: new Board(customer) };

		const shutter = [];
		for (let turn = 0; turn < CAPTURES; turn += 1) {
			shutter.push(await captures(turn % 2 === 0 ? customer : agent, boards));
			if (turn < CAPTURES - 1) await agent.deletesPicture();
			if (turn < CAPTURES - 1) await Promise.all([boards.agent.isGone(), boards.customer.isGone()]);
		}
		report(`shutter to the sharp picture on the agent's screen, ${CAPTURES} pictures of 1920x1080`, shutter, SHUTTER);

		const lay = await layouts(boards);
		const [fingers, mouse] = [await Fingers.of(customer), new Mouse(agent)];
		reportStrokes("finger to the agent's screen", await draws("customer", fingers, "agent", boards, lay));
		await agent.clearsEverything();
		await boards.customer.showsOnly(lay.customer, {});
		reportStrokes("mouse to the customer's screen", await draws("agent", mouse, "customer", boards, lay));
	},
	600_000,
);

/** Measures from a person's press until the agent's page has painted the camera's picture. */
async function captures(person, boards) {
	for (const board of [boards.agent, boards.customer]) await board.page.evaluate(() => window.__watch.forgetPicture());
	await person.button("Take screenshot").click();
	await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
	const painted = await until("the agent's page has painted the sharp picture", () =>
		boards.agent.page.evaluate(() => window.__watch.picturePainted()),
	);
	return painted - (await person.page.evaluate(() => window.__watch.pressed()));
}

/**
 * Draws short strokes in rows. Each ends in an empty place, because a stroke's letter is above and
 * to the left of it. Measures from the last point. The pen is lifted only once that point is seen,
 * which proves that it was sent while the stroke was being drawn.
 */
async function draws(who, hand, other, boards, lay) {
	const waits = [];
	const rgb = INK[who];
	for (let stroke = 0; stroke < STROKES; stroke += 1) {
		const rows = STROKES / COLUMNS;
		const from = [0.06 + (0.9 * (stroke % COLUMNS)) / COLUMNS, 0.12 + (0.84 * Math.floor(stroke / COLUMNS)) / rows];
		const to = [from[0] + 0.07, from[1]];
		const seen = boards[other].page.evaluate(
			([x, y, rgb]) => window.__watch.inkPainted(x, y, rgb),
			[...toScreen(lay[other], to), rgb],
		);
		await hand.begins([from, to].map((place) => toScreen(lay[who], place)));
		const painted = await seen;
		const { heard, begun } = await boards[who].page.evaluate(() => window.__watch.moved());
		waits.push({ heard: painted - heard, begun: painted - begun });
		await hand.up();
	}
	return waits;
}

/** @param {string} what @param {{ heard: number, begun: number }[]} waits */
function reportStrokes(what, waits) {
	report(
		`${STROKES} strokes, ${what}`,
		waits.map(({ heard }) => heard),
		STROKE,
	);
	report(
		`${STROKES} strokes, ${what}, from the browser's own event`,
		waits.map(({ begun }) => begun),
		STROKE,
	);
}

/**
 * @param {string} what
 * @param {number[]} waits
 * @param {{ aim_ms: number, broken_ms: number }} bounds
 */
function report(what, waits, { aim_ms, broken_ms }) {
	const sorted = [...waits].sort((a, b) => a - b);
	const part = (share) => Math.round(sorted[Math.ceil(share * sorted.length) - 1]);
	assert.ok(sorted[0] > 0, `${what}: nothing is seen before it happens`);
	console.log(`${what}: p50 ${part(0.5)} ms, p95 ${part(0.95)} ms (aim ${aim_ms} ms), longest ${part(1)} ms`);
	assert.ok(part(0.95) < broken_ms, `${what}: p95 ${part(0.95)} ms`);
}

/** Runs in the page: records presses, moves, and when pictures and ink are painted. */
function watch() {
	let pressed = 0;
	let moved = { heard: 0, begun: 0 };
	let picture = 0;
	/** A page's clock is set once, when it loads, and drifts by some milliseconds. */
	const off = () => Date.now() - (performance.timeOrigin + performance.now());
	const wall = (at) => {
		const offs = Array.from({ length: 21 }, off).sort((a, b) => a - b);
		return performance.timeOrigin + at + offs[10];
	};
	addEventListener("click", (event) => (pressed = wall(event.timeStamp)), { capture: true });
	addEventListener(
		"pointermove",
		(event) => (moved = { heard: wall(performance.now()), begun: wall(event.timeStamp) }),
		{ capture: true },
	);

	/** Resolves after the next frame is painted. */
	const afterFrame = () =>
		new Promise((resolve) => {
			requestAnimationFrame(() => {
				const { port1, port2 } = new MessageChannel();
				port1.onmessage = () => resolve(performance.now());
				port2.postMessage(null);
			});
		});

	// The board paints a still of the video from a canvas, and an uploaded picture from a decoded
	// bitmap.
	const drawImage = CanvasRenderingContext2D.prototype.drawImage;
	CanvasRenderingContext2D.prototype.drawImage = function (image, ...rest) {
		drawImage.call(this, image, ...rest);
		if (picture === 0 && image instanceof ImageBitmap) {
			picture = -1;
			// This already runs in a frame's callback: the message arrives after the same frame.
			const { port1, port2 } = new MessageChannel();
			port1.onmessage = () => (picture = wall(performance.now()));
			port2.postMessage(null);
		}
	};

	window.__watch = {
		pressed: () => pressed,
		moved: () => moved,
		forgetPicture: () => (picture = 0),
		picturePainted: () => Math.max(0, picture),
		/** Resolves when a canvas has this colour at this spot of the page. */
		inkPainted: async (x, y, rgb) => {
			// What moves is above what is finished.
			const canvases = [...document.querySelectorAll(".sheet-box canvas")];
			const { left, top, width } = canvases[0].getBoundingClientRect();
			const isThere = (canvas) => {
				const ratio = canvas.width / width;
				const { data } = canvas
					.getContext("2d")
					.getImageData(Math.round((x - left) * ratio), Math.round((y - top) * ratio), 1, 1);
				return rgb.every((value, of) => Math.abs(value - data[of]) < 30);
			};
			const until = performance.now() + 5_000;
			for (;;) {
				const at = await afterFrame();
				if (at > until) throw new Error(`no ink at ${x}, ${y}`);
				if (canvases.some(isThere)) return wall(at);
			}
		},
	};
}
