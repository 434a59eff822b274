// A shared picture as one person sees it. Landmarks show where the picture lies on the screen;
// colours show where the strokes of each person are. Places on the picture are [0..1, 0..1],
// independent of any screen.

import assert from "node:assert/strict";
import { LANDMARKS, LARGE } from "./cards.mjs";
import { at, decodePng, extent, ofColour, square } from "./pixels.mjs";
import { decoded } from "./senses.mjs";
import { until } from "./until.mjs";

/**
 * @typedef {[number, number]} Place
 * @typedef {import("./people.mjs").Person} Person
 * @typedef {import("./pixels.mjs").Pixels} Pixels
 *
 * @typedef {object} Layout the picture's position in CSS pixels of the page, possibly off screen
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 *
 * @typedef {{ agent?: Place[][], customer?: Place[][] }} Drawn paths by the person who drew them
 */

/**
 * The colour of each person's strokes.
 * @type {Record<"agent" | "customer", import("./cards.mjs").Rgb>}
 */
export const INK = { customer: [0xff, 0xc5, 0x2e], agent: [0x00, 0xdc, 0xe9] };

export class Board {
	/** @param {Person} person */
	constructor(person) {
		this.person = person;
	}

	get page() {
		return this.person.page;
	}

	get canvas() {
		return this.page.getByRole("img", { name: "Screenshot", exact: true });
	}

	async opens(within_ms = SEEN_MS) {
		await this.canvas.waitFor({ timeout: within_ms });
	}

	/** Waits until the page shows the live call again. */
	async isGone(within_ms = SEEN_MS) {
		await this.canvas.waitFor({ state: "detached", timeout: within_ms });
		await this.person.button("End call").waitFor();
	}

	/** Waits until the camera's picture is shown and no upload is pending. */
	async isSharp(within_ms = SEEN_MS) {
		await this.opens(within_ms);
		await until(
			`${this.person.who} has the sharp picture`,
			async () => {
				const send = this.person.button("Send annotation");
				return (
					(await send.getAttribute("aria-disabled", { timeout: 1_000 })) === null &&
					(await this.page.getByText(/sharp picture|Low resolution/).count()) === 0
				);
			},
			within_ms,
		);
	}

	/**
	 * The number of strokes by each person, from the description for screen readers.
	 * @returns {Promise<{ own: number, other: number }>}
	 */
	async counts() {
		const words = await this.canvas.evaluate(
			(canvas) => document.getElementById(canvas.getAttribute("aria-describedby"))?.textContent ?? "",
		);
		const [, own, other] = /Strokes by you: (\d+)\. Strokes by .*: (\d+)\./.exec(words) ?? [];
		return { own: Number(own), other: Number(other) };
	}

	/** @param {number} own @param {number} other */
	async counted(own, other, within_ms = SEEN_MS) {
		await until(
			`${this.person.who} counts ${own} own strokes and ${other} of the other`,
			async () => {
				const counts = await this.counts();
				if (counts.own !== own || counts.other !== other) throw new Error(JSON.stringify(counts));
				return true;
			},
			within_ms,
		);
	}

	/**
	 * What the canvases show, in device pixels. Buttons and texts above them are hidden.
	 * @param {"canvas" | "video"} only
	 * @param {{ x: number, y: number, width: number, height: number } | null} part of the page
	 * @returns {Promise<Pixels & { dpr: number, left: number, top: number }>} with the
	 *   position of the top left corner on the page
	 */
	async pixels(only = "canvas", part = null) {
		// A style sheet made by script, because the page's policy forbids inline styles.
		const screen = await this.page.evaluate((rules) => {
			window.__canvas_only ??= new CSSStyleSheet();
			window.__canvas_only.replaceSync(rules);
			document.adoptedStyleSheets = [...document.adoptedStyleSheets, window.__canvas_only];
			return { width: innerWidth, height: innerHeight };
		}, `*, *::before, *::after { visibility: hidden !important } ${only} { visibility: visible !important }`);
		try {
			const [x, y] = [Math.max(0, Math.floor(part?.x ?? 0)), Math.max(0, Math.floor(part?.y ?? 0))];
			const [right, bottom] = [
				(part?.x ?? 0) + (part?.width ?? screen.width),
				(part?.y ?? 0) + (part?.height ?? screen.height),
			];
			const clip = {
				x,
				y,
				width: Math.min(screen.width, Math.ceil(right)) - x,
				height: Math.min(screen.height, Math.ceil(bottom)) - y,
			};
			const pixels = decodePng(await this.page.screenshot({ animations: "disabled", clip }));
			return { ...pixels, dpr: pixels.width / clip.width, left: x, top: y };
		} finally {
			await this.page.evaluate(() => {
				document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== window.__canvas_only);
			});
		}
	}

	/**
	 * Where the picture lies. Needs two visible landmarks; with more it also checks that the
	 * picture is not distorted.
	 * @param {"canvas" | "video"} on
	 * @returns {Promise<Layout>}
	 */
	async layout(on = "canvas") {
		const pixels = await this.pixels(
			on,
			on === "canvas" ? ((await this.canvas.boundingBox({ timeout: 1_000 })) ?? null) : null,
		);
		const found = Object.values(LANDMARKS).flatMap(({ rgb, at }) => {
			const points = ofColour(pixels, rgb, LANDMARK_TOLERANCE);
			if (points.length < 30) return [];
			const { middle, size } = square(points);
			// A landmark cut off by an edge is not square.
			if (Math.abs(size[0] / size[1] - 1) > 0.12) return [];
			return [{ on: at, screen: [pixels.left + middle[0] / pixels.dpr, pixels.top + middle[1] / pixels.dpr] }];
		});
		if (found.length < 2) throw new Error(`${found.length} landmarks are visible`);
		if (new Set(found.map(({ on }) => on[0])).size < 2) throw new Error("the visible landmarks are all in one column");
		const across = line(found.map(({ on, screen }) => [on[0], screen[0]]));
		const upright = new Set(found.map(({ on }) => on[1])).size > 1;
		const scale = across.slope / LARGE.width;
		const down = upright
			? line(found.map(({ on, screen }) => [on[1], screen[1]]))
			: { slope: scale * LARGE.height, offset: found[0].screen[1] - found[0].on[1] * scale * LARGE.height };
		const aspect = across.slope / down.slope / (LARGE.width / LARGE.height);
		if (Math.abs(aspect - 1) > 0.015) throw new Error(`the picture is distorted by ${aspect}`);
		return { left: across.offset, top: down.offset, width: across.slope, height: down.slope };
	}

	/**
	 * Where a picture of one colour lies, as Firefox's fake camera gives it.
	 * @param {number} ratio width by height
	 * @returns {Promise<Layout>}
	 */
	async fills(ratio) {
		const pixels = await this.pixels();
		const colour = at(pixels, pixels.width >> 1, pixels.height >> 1);
		const found = ofColour(pixels, colour, 12);
		const [left, right] = extent(found, 0, 0).map((x) => x / pixels.dpr);
		const [top, bottom] = extent(found, 1, 0).map((y) => y / pixels.dpr);
		const [width, height] = [right - left, bottom - top];
		assert.ok(Math.abs(width / height / ratio - 1) < 0.02, `the picture is distorted: ${width} by ${height}`);
		return { left: pixels.left + left, top: pixels.top + top, width, height };
	}

	/**
	 * The layout once the picture is shown and has stopped moving.
	 * @param {"canvas" | "video"} on
	 * @returns {Promise<Layout>}
	 */
	async lies(on = "canvas", within_ms = SEEN_MS) {
		let before = await until(`${this.person.who}: the picture is shown`, () => this.layout(on), within_ms);
		return until(
			`${this.person.who}: the picture has stopped moving`,
			async () => {
				const after = await this.layout(on);
				const still = ["left", "top", "width", "height"].every((side) => Math.abs(before[side] - after[side]) < 0.5);
				before = after;
				return still && after;
			},
			within_ms,
		);
	}

	/**
	 * Where the strokes of each person are.
	 * @param {Layout} layout
	 * @returns {Promise<Record<"agent" | "customer", Place[]>>}
	 */
	async strokes(layout) {
		const pixels = await this.pixels("canvas", {
			x: layout.left,
			y: layout.top,
			width: layout.width,
			height: layout.height,
		});
		const place = (x, y) => toPicture(layout, [pixels.left + x / pixels.dpr, pixels.top + y / pixels.dpr]);
		return { agent: strokesOn(pixels, "agent", place), customer: strokesOn(pixels, "customer", place) };
	}

	/**
	 * Waits until there are strokes all along these paths.
	 * @param {Layout} layout
	 * @param {Drawn} drawn
	 */
	async shows(layout, drawn, within_ms = SEEN_MS) {
		await this.#looks(layout, `the strokes ${said(drawn)}`, (strokes) => missing(strokes, drawn), within_ms);
	}

	/**
	 * Waits until there are strokes all along these paths and nowhere else.
	 * @param {Layout} layout
	 * @param {Drawn} drawn
	 */
	async showsOnly(layout, drawn, within_ms = SEEN_MS) {
		// The letter at the first point is wider than the line and does not shrink with the
		// picture.
		const badge = Math.max(BADGE, BADGE_PX / layout.width);
		await this.#looks(
			layout,
			`the strokes ${said(drawn)} and no others`,
			(strokes) => missing(strokes, drawn) ?? stray(strokes, drawn, badge),
			within_ms,
		);
	}

	/** @param {(strokes: Record<"agent" | "customer", Place[]>) => string | null} wrong */
	async #looks(layout, what, wrong, within_ms) {
		await until(
			`${this.person.who} sees ${what}`,
			async () => {
				const found = wrong(await this.strokes(layout));
				if (found !== null) throw new Error(found);
				return true;
			},
			within_ms,
		);
	}
}

/** Returns a message about the first place on a path without a stroke, or null. */
function missing(strokes, drawn) {
	for (const [whose, paths] of Object.entries(drawn)) {
		for (const place of paths.flatMap(along)) {
			if (!strokes[whose].some((stroke) => distance(stroke, place) <= NEAR)) {
				return `no stroke by the ${whose} at ${place}; the nearest of ${strokes[whose].length} is ${nearest(strokes[whose], place)}`;
			}
		}
	}
	return null;
}

/** Returns a message about the first stroke that is on no path, or null. */
function stray(strokes, drawn, badge) {
	for (const [whose, places] of Object.entries(strokes)) {
		const paths = drawn[whose] ?? [];
		const allowed = paths.flatMap(along);
		const alone = places.find(
			(stroke) =>
				!allowed.some((place) => distance(stroke, place) <= WIDE) &&
				!paths.some(([first]) => distance(stroke, first) <= badge),
		);
		if (alone) return `unexpected stroke by the ${whose} at ${alone}`;
	}
	return null;
}

/**
 * Where the picture lies on both screens, once it has stopped moving.
 * @param {{ agent: Board, customer: Board }} boards
 */
export async function layouts(boards) {
	const [agent, customer] = await Promise.all([boards.agent.lies(), boards.customer.lies()]);
	return { agent, customer };
}

/** Holds a person's uploads back until `goOn` is called. @param {Person} person */
export async function holdsUploads(person) {
	let goOn = () => {};
	const gate = new Promise((resolve) => (goOn = () => resolve(null)));
	await person.context.route(UPLOADS, async (route) => {
		if (route.request().method() === "PUT") await gate;
		await route.continue();
	});
	return { goOn: () => goOn() };
}

/**
 * Waits until exactly this many pictures are stored and no upload is left.
 * @param {import("./world.mjs").World} world
 * @param {number} count
 */
export async function keeps(world, count) {
	await until(`${count} pictures are stored`, async () => {
		const keys = (await world.pictures()).map(({ key }) => key);
		if (keys.length !== count || keys.some((key) => !key.startsWith("pictures/")))
			throw new Error(JSON.stringify(keys));
		return true;
	});
}

/**
 * The only stored picture whose key matches, decoded.
 * @param {import("./world.mjs").World} world
 * @param {Person} person whose browser decodes the picture
 * @param {RegExp} key
 */
export async function kept(world, person, key) {
	const found = (await world.pictures()).filter((picture) => key.test(picture.key));
	assert.equal(found.length, 1, `one picture ${key}`);
	return decoded(person.context, found[0].bytes);
}

/** The URLs of signed uploads, at any host. */
export const UPLOADS = /\/incoming\//;
/** The store's keys of base pictures. */
export const BASE = /^pictures\/[^/]+\/\d+-base-[0-9a-f]{64}$/;
/** The store's keys of pictures that were sent to the chat. */
export const SENT = /^pictures\/[^/]+\/\d+-sent-\d+-[0-9a-f]{64}$/;

/**
 * Places in a person's colour. `place` converts a pixel to its place on the picture.
 * @param {Pixels} pixels
 * @param {"agent" | "customer"} whose
 * @param {(x: number, y: number) => Place} place
 */
export function strokesOn(pixels, whose, place, tolerance = INK_TOLERANCE) {
	return ofColour(pixels, INK[whose], tolerance)
		.map(([x, y]) => place(x, y))
		.filter(([u, v]) => u >= 0 && u <= 1 && v >= 0 && v <= 1);
}

/** @param {Layout} layout @param {Place} place @returns {Place} CSS pixels on the page */
export function toScreen(layout, [u, v]) {
	return [layout.left + u * layout.width, layout.top + v * layout.height];
}

/** @param {Layout} layout @param {Place} point @returns {Place} */
export function toPicture(layout, [x, y]) {
	return [(x - layout.left) / layout.width, (y - layout.top) / layout.height];
}

/**
 * Places along a path, close enough to find every gap.
 * @param {Place[]} path
 * @returns {Place[]}
 */
export function along(path) {
	return path.flatMap((to, at) => {
		const from = path[at - 1];
		if (from === undefined) return [to];
		const steps = Math.max(1, Math.ceil(distance(from, to) / STEP));
		return Array.from({ length: steps }, (_, step) => between(from, to, (step + 1) / steps));
	});
}

/** @param {Place} from @param {Place} to @returns {Place} */
export function between(from, to, part) {
	return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
}

/**
 * The distance as a fraction of the longer side, which is the width.
 * @param {Place} a
 * @param {Place} b
 */
export function distance(a, b) {
	return Math.hypot(a[0] - b[0], ((a[1] - b[1]) * LARGE.height) / LARGE.width);
}

/**
 * Asserts that two pictures of strokes are equal, except at the edges of lines.
 * @param {Place[]} one
 * @param {Place[]} other
 */
export function sameStrokes(one, other, what) {
	const [a, b] = [one, other].map(cells);
	assert.ok(a.size > 0, `${what}: there are strokes`);
	for (const [some, others] of [
		[a, b],
		[b, a],
	]) {
		const alone = [...some].filter((cell) => !beside(cell).some((near) => others.has(near)));
		assert.deepEqual(
			alone.map((cell) => [(cell % CELLS) / CELLS, Math.floor(cell / CELLS) / CELLS]),
			[],
			`${what}: strokes on one side only`,
		);
	}
}

/** The cells of a grid over the picture that contain ink. */
function cells(places) {
	return new Set(places.map(([u, v]) => Math.floor(v * CELLS) * CELLS + Math.floor(u * CELLS)));
}

function beside(cell) {
	return [0, -1, 1].flatMap((x) => [0, -CELLS, CELLS].map((y) => cell + x + y));
}

/** Fits a line by least squares. @param {[number, number][]} points */
function line(points) {
	const mean = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
	const [x, y] = [mean(0), mean(1)];
	const slope =
		points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) /
		points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
	return { slope, offset: y - slope * x };
}

function nearest(strokes, place) {
	return strokes.length === 0 ? "nowhere" : Math.min(...strokes.map((stroke) => distance(stroke, place))).toFixed(3);
}

function said(drawn) {
	return JSON.stringify(drawn, (_, value) => (typeof value === "number" ? Number(value.toFixed(3)) : value));
}

/** How soon a person sees what is so, on any machine. What must be quicker is timed elsewhere. */
const SEEN_MS = 30_000;
const LANDMARK_TOLERANCE = 48;
const INK_TOLERANCE = 14;
const STEP = 0.01;
const NEAR = 0.01;
const WIDE = 0.02;
const BADGE = 0.05;
const BADGE_PX = 26;
const CELLS = 100;
