// Pictures of the screens for people to look at. They are not compared; stories assert what must
// hold.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DESKTOP, PHONE } from "./people.mjs";

export const PICTURES = fileURLToPath(new URL("../pictures/", import.meta.url));
export const WIDE = { width: 2560, height: 1440 };
export const LANDSCAPE = { width: 844, height: 390 };
export const SMALL = { width: 320, height: 568 };
/** A small phone whose owner has the text at twice its size. */
export const LARGE_TEXT = { ...SMALL, text: 2 };

/** Every size in light and in dark, for people who look at them all. */
const ALL = process.env.SIGHTLINE_PICTURES === "all";

/**
 * Takes pictures of a page on a phone, on a desktop and on more screens, and checks that the page
 * is not wider than its screen. A phone is pictured in dark, too.
 * @param {{ page: import("playwright-core").Page }} person
 * @param {string} name
 * @param {{ width: number, height: number, text?: number }[]} more `text`: how much larger it is
 */
export async function photograph({ page }, name, ...more) {
	mkdirSync(PICTURES, { recursive: true });
	for (const size of new Set([PHONE, DESKTOP, ...(ALL ? [LARGE_TEXT, WIDE] : []), ...more])) {
		const { text = 1 } = size;
		const screen = `${size.width}x${size.height}${text === 1 ? "" : `-text-${text}`}`;
		await on(page, size, async () => {
			const picture = (ending = "") =>
				page.screenshot({ path: `${PICTURES}${name}.${screen}${ending}.png`, scale: "css", animations: "disabled" });
			await picture();
			if (ALL || size === PHONE) await inDark(page, () => picture(".dark"));
			const wide = await page.evaluate(() => document.documentElement.scrollWidth);
			if (wide > size.width) assert.fail(`${name} does not fit ${screen}: ${await page.evaluate(widest)}`);
		});
	}
}

/**
 * Does something while the system is dark.
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} then
 */
export async function inDark(page, then) {
	await turns(page, "dark");
	await then();
	await turns(page, "light");
}

/** Changes the system's scheme, and waits until the last colour has followed. */
async function turns(page, colorScheme) {
	await page.emulateMedia({ colorScheme });
	await page.evaluate(async () => {
		await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
		const changing = document.getAnimations().filter((one) => one instanceof CSSTransition);
		await Promise.allSettled(changing.map((one) => one.finished));
	});
}

/**
 * Does something on another screen.
 * @param {import("playwright-core").Page} page
 * @param {{ width: number, height: number, text?: number }} size
 * @param {() => Promise<void>} then
 */
export async function on(page, { text = 1, ...viewport }, then) {
	const before = page.viewportSize();
	await page.setViewportSize(viewport);
	await page.evaluate((text) => {
		document.documentElement.style.fontSize = text === 1 ? "" : `${text * 100}%`;
	}, text);
	await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
	await then();
	await page.evaluate(() => document.documentElement.style.removeProperty("font-size"));
	await page.setViewportSize(before);
}

/** Runs in the page: the elements that reach furthest. */
function widest() {
	const ends = [...document.querySelectorAll("body *")].map((one) => [one.getBoundingClientRect().right, one]);
	const far = ends.sort(([a], [b]) => b - a).slice(0, 4);
	return far
		.map(([right, one]) => `${one.tagName}.${one.className} "${one.textContent.slice(0, 40)}" ${right}`)
		.join(", ");
}
