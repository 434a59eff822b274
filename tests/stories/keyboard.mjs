// A page used without a mouse: keys alone, and where the focus is can be seen at every step.

import assert from "node:assert/strict";
import { until } from "./until.mjs";

/** More steps than any page has. */
const STEPS_MAX = 60;

export class Keyboard {
	/** @param {import("./people.mjs").Person} person */
	constructor({ page }) {
		this.page = page;
		/** How often a key was pressed. */
		this.pressed = 0;
	}

	/** Presses Tab until a control of this name has the focus. @param {string} name */
	async goesTo(name, key = "Tab") {
		for (let step = 0; step < STEPS_MAX; step += 1) {
			await this.page.keyboard.press(key);
			const now = await this.page.evaluate(focused);
			assert.ok(now.seen, `the focus is seen on ${now.name}`);
			if (now.name === name) return;
		}
		assert.fail(`${key} does not lead to ${name}`);
	}

	/**
	 * Presses Tab until this has the focus, which it may have already.
	 * @param {import("playwright-core").Locator} wanted
	 */
	async reaches(wanted) {
		await wanted.waitFor();
		for (let step = 0; step < STEPS_MAX; step += 1) {
			if (await wanted.evaluate((element) => document.activeElement === element)) return;
			await this.presses("Tab");
		}
		assert.fail(`Tab does not lead to ${wanted}`);
	}

	/** @param {string} name */
	async goesBackTo(name) {
		await this.goesTo(name, "Shift+Tab");
	}

	/** @param {string[]} keys */
	async presses(...keys) {
		for (const key of keys) await this.page.keyboard.press(key);
		this.pressed += keys.length;
	}

	/** Sends the form's invite: one press, and another where the page says that it gave up. */
	async sends() {
		await this.presses("Enter");
		const { pressed } = this;
		const waiting = this.page.getByRole("heading", { name: "Waiting for the customer", exact: true });
		const gaveUp = this.page.locator(".toast.trouble").first();
		await waiting.or(gaveUp).first().waitFor();
		if (await gaveUp.isVisible()) await this.presses("Enter");
		await waiting.waitFor();
		this.pressed = pressed;
	}

	/** @param {string} text */
	async types(text) {
		await this.page.keyboard.type(text);
		this.pressed += text.length;
	}

	/** Waits until the page itself has moved the focus to this control. @param {string} name */
	async comeTo(name) {
		await until(`the focus comes to ${name}`, async () => (await this.page.evaluate(focused)).name === name);
	}
}

/** Runs in the page. A radio button under a drawn star lets that show its focus. */
function focused() {
	const element = document.activeElement;
	const words = element.labels?.[0] ?? element.querySelector("strong") ?? element;
	const name = element.getAttribute("aria-label") ?? words.textContent.replaceAll(/[\u2066-\u2069]/g, "").trim();
	const shown = [element, element.nextElementSibling].filter((one) => one !== null).map((one) => getComputedStyle(one));
	const seen = shown.some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && outlineWidth !== "0px");
	return { name, seen: seen || element === document.body };
}
