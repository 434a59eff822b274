// What a program can see of whether everybody can use a screen: axe-core finds nothing, on a
// desktop in light and in dark, and on a small phone whose text is twice as large.

import assert from "node:assert/strict";
import axe from "axe-core";
import { inDark, LARGE_TEXT, on, photograph } from "./pictures.mjs";

/** Rules of WCAG 2.2 that are off unless asked for. */
const RULES = { "target-size": { enabled: true } };

/**
 * Photographs a screen, and checks it as it is and on the smallest.
 * @param {{ page: import("playwright-core").Page }} person
 * @param {string} name of its picture
 */
export async function everybodyCanUse({ page }, name) {
	// The cloud has the same pages.
	if (process.env.SIGHTLINE_WORLD === "cloud") return;
	// A screen whose part still loads has no heading.
	await page.locator("h1").first().waitFor({ state: "attached" });
	await photograph({ page }, name, LARGE_TEXT);
	await isClean(page, name);
	await inDark(page, () => isClean(page, `${name}, dark`));
	await on(page, LARGE_TEXT, () => isClean(page, `${name}, small with large text`));
}

/** Runs as a debugger's command does, which the page's policy is not asked about. */
async function isClean(page, name) {
	// What fades in is hard to read for a moment. Without motion it is there at once.
	await page.emulateMedia({ reducedMotion: "reduce" });
	if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
	const { violations } = await page.evaluate(
		(rules) => window.axe.run(document, { rules, resultTypes: ["violations"] }),
		RULES,
	);
	await page.emulateMedia({ reducedMotion: null });
	const said = violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
	assert.deepEqual(said, [], `axe on ${name}`);
}
