// The room that a shared picture has on a screen, and that notices leave it.

import assert from "node:assert/strict";
import { DESKTOP, PHONE } from "./people.mjs";
import { LANDSCAPE, PICTURES } from "./pictures.mjs";

/**
 * Shows a long notice over an open board on many screens. It must cover no part of the picture and
 * be readable as a whole. The picture must have a third of the screen's height and half of its
 * width; upright, it must be as wide as the screen.
 * @param {import("./board.mjs").Board} board on which this person has drawn nothing
 */
export async function leavesRoom(board) {
	const { person, page } = board;
	const before = page.viewportSize();
	for (const { text, ...size } of SCREENS) {
		await page.setViewportSize(size);
		const found = await settled(board, text);
		const screen = `${person.who} at ${size.width}x${size.height}, text at ${text} %`;
		await page.screenshot({
			path: `${PICTURES}${person.who}-picture-notice.${size.width}x${size.height}${text > 100 ? "-large-text" : ""}.png`,
			scale: "css",
		});
		const { notice, canvas } = found;
		const apart =
			notice.right <= canvas.left ||
			notice.left >= canvas.right ||
			notice.bottom <= canvas.top ||
			notice.top >= canvas.bottom;
		assert.ok(apart, `${screen}: the notice covers the picture: ${JSON.stringify(found)}`);
		assert.ok(found.whole, `${screen}: the notice is cut: ${JSON.stringify(found)}`);
		const share = {
			height: (canvas.bottom - canvas.top) / size.height,
			width: (canvas.right - canvas.left) / size.width,
		};
		// With the longest notice, of four lines at 200 %, it is 31 %.
		assert.ok(share.height >= 0.3, `${screen}: the picture has ${Math.round(share.height * 100)} % of the height`);
		assert.ok(share.width >= 1 / 2, `${screen}: the picture has ${Math.round(share.width * 100)} % of the width`);
		if (size.height <= size.width) continue;
		assert.deepEqual([canvas.left, canvas.right], [0, size.width], `${screen}: the picture takes the whole width`);
	}
	await page.evaluate(() => {
		document.documentElement.style.fontSize = "";
	});
	await page.setViewportSize(before);
}

/** Returns the places once two looks agree. A board follows a new size of its page later. */
async function settled(board, text) {
	let before = "";
	for (;;) {
		const found = await board.page.evaluate(look, { text, words: LONG });
		if (found === null) {
			await asksForNotice(board);
			continue;
		}
		const now = JSON.stringify(found);
		if (now === before) return found;
		before = now;
		await board.page.waitForTimeout(SETTLES_MS);
	}
}

/** A notice goes after a few seconds, on a slow machine before all screens were measured. */
async function asksForNotice({ person, page }) {
	await person.button("Undo all").evaluate((button) => button.click());
	await page.locator(".toast p").first().waitFor();
}

/**
 * Runs in the page: where the notice and the picture's canvas are.
 * Returns null when no notice is shown.
 */
async function look({ text, words }) {
	document.documentElement.style.fontSize = `${text}%`;
	const paragraph = [...document.querySelectorAll(".toast p")].at(-1);
	if (paragraph === undefined) return null;
	const notice = paragraph.parentElement;
	paragraph.textContent = words;
	await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
	const box = (element) => {
		const { left, top, right, bottom } = element.getBoundingClientRect();
		return { left, top, right, bottom };
	};
	return {
		notice: box(notice),
		canvas: box(document.querySelector(".sheet-box canvas[role=img]")),
		// Heights are rounded to whole pixels.
		whole: notice.scrollHeight <= notice.clientHeight + 1 && box(notice).bottom <= innerHeight,
	};
}

/** Longer than a board takes to follow a new size, milliseconds. */
const SETTLES_MS = 300;

/** The longest notice that both pages have, in English. */
const LONG = "The connection is weak. Sound has priority, so the picture may be less sharp.";
const SMALL = { width: 320, height: 568 };
const SCREENS = [
	{ ...PHONE, text: 100 },
	{ ...SMALL, text: 100 },
	{ ...SMALL, text: 200 },
	{ ...PHONE, text: 200 },
	{ ...LANDSCAPE, text: 100 },
	{ ...LANDSCAPE, text: 200 },
	{ ...DESKTOP, text: 100 },
	{ ...DESKTOP, text: 200 },
];
