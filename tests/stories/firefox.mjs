// Firefox as Debian ships it, behind the part of Playwright's interface that stories use.
// Playwright drives only a Firefox of its own; puppeteer drives this one over WebDriver BiDi.

import { rmSync } from "node:fs";
import { until } from "./until.mjs";

/**
 * @typedef {import("puppeteer-core").ElementHandle} Handle
 * @typedef {import("puppeteer-core").Page} PuppeteerPage
 */

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const WAIT_MS = 30_000;

/** Roles that a browser computes under another name (ARIA 1.3). */
const COMPUTED = { img: "image" };

/** Firefox says of a socket that a reload or a server's end cuts what Chromium keeps to itself. */
const CONNECTION = /(t establish a connection to the server at|^(Error: )?The connection to) wss?:/;

/**
 * Every preference that differs from a fresh profile, beside those that let a program drive the
 * browser. ICE over loopback stays forbidden, as it is for everybody.
 */
const PREFERENCES = {
	"media.navigator.streams.fake": true,
	"media.navigator.permission.disabled": true,
};

/**
 * Starts Firefox with one page of this size.
 * @param {{ width: number, height: number }} screen
 * @param {string} base address of the pages
 * @param {import("./people.mjs").Outfit} outfit
 */
export async function launchFirefox(screen, base, { preferences = {}, profile } = {}) {
	// Loaded only here: other stories need not wait for it.
	const { default: puppeteer } = await import("puppeteer-core");
	const browser = await puppeteer.launch({
		browser: "firefox",
		executablePath: FIREFOX,
		headless: true,
		extraPrefsFirefox: { ...PREFERENCES, ...preferences },
		...(profile === undefined ? {} : { userDataDir: profile }),
	});
	if (profile !== undefined) browser.on("disconnected", () => rmSync(profile, { recursive: true, force: true }));
	const context = new FirefoxContext(browser, screen, base);
	return { browser, context };
}

/** The only context of a Firefox: a fresh profile. */
class FirefoxContext {
	#browser;
	#screen;
	#base;
	#scripts = [];
	#listeners = [];

	constructor(browser, screen, base) {
		this.#browser = browser;
		this.#screen = screen;
		this.#base = base;
	}

	/** Runs a script in every later page before the page's own. */
	addInitScript(script) {
		this.#scripts.push(script);
	}

	/** @param {"weberror" | "console"} event */
	on(event, hear) {
		this.#listeners.push({ event, hear });
	}

	async newPage() {
		const page = await this.#browser.newPage();
		await page.setViewport(this.#screen);
		for (const { event, hear } of this.#listeners) {
			if (event === "weberror")
				page.on("pageerror", (error) => CONNECTION.test(error.message) || hear({ error: () => error }));
			if (event === "console") page.on("console", (message) => hear(message));
		}
		for (const script of [reportViolations, ...this.#scripts]) await page.evaluateOnNewDocument(script);
		return new FirefoxPage(page, this.#screen, this.#base);
	}
}

/** Elements below a page or an element; looks them up at each use. */
class Place {
	/** @type {(selector: string) => Promise<Handle[]>} */
	#all;

	/** @param {(selector: string) => Promise<Handle[]>} all */
	constructor(all) {
		this.#all = all;
	}

	/** @param {string} css */
	locator(css) {
		return new Locator(() => this.#all(css));
	}

	/** @param {string} role @param {{ name?: string }} of */
	getByRole(role, { name } = {}) {
		const named = name === undefined ? "" : `[name=${JSON.stringify(name)}]`;
		return new Locator(() => this.#all(`::-p-aria(${named}[role="${COMPUTED[role] ?? role}"])`));
	}

	/** @param {string} label the whole accessible name */
	getByLabel(label) {
		return new Locator(() => this.#all(`::-p-aria([name=${JSON.stringify(label)}])`));
	}

	/** @param {string} text a part, or with `exact` all of an element's text */
	getByText(text, { exact = false } = {}) {
		return new Locator(async () => {
			const found = await this.#all(`::-p-text(${text})`);
			if (!exact) return found;
			const texts = await Promise.all(found.map((handle) => handle.evaluate((element) => element.textContent)));
			return found.filter((_, at) => texts[at]?.trim() === text);
		});
	}
}

export class FirefoxPage extends Place {
	#page;
	#screen;
	#base;

	/** @param {PuppeteerPage} page */
	constructor(page, screen, base) {
		super((selector) => page.$$(selector));
		this.#page = page;
		this.#screen = screen;
		this.#base = base;
	}

	get mouse() {
		return this.#page.mouse;
	}

	/** One finger; Firefox is given no second one. */
	touch = async (type, [spot]) => {
		const { touchscreen } = this.#page;
		if (type === "touchStart") await touchscreen.touchStart(...spot);
		if (type === "touchMove") await touchscreen.touchMove(...spot);
		if (type === "touchEnd") await touchscreen.touchEnd();
	};

	viewportSize() {
		return this.#screen;
	}

	/** The page itself and those inside it. */
	frames() {
		return this.#page.frames().map((frame) => new FirefoxFrame(frame));
	}

	async goto(url) {
		await this.#page.goto(new URL(url, this.#base).href);
	}

	async reload() {
		await this.#page.reload();
	}

	evaluate(script, argument) {
		return this.#page.evaluate(script, argument);
	}

	async screenshot({ path, clip } = {}) {
		return Buffer.from(await this.#page.screenshot({ path, clip, captureBeyondViewport: false }));
	}

	/** Aborts each request that `lost` picks by its URL. @param {(url: string) => boolean} lost */
	async loses(lost) {
		this.#page.on("request", (request) => (lost(request.url()) ? request.abort() : request.continue()));
		await this.#page.setRequestInterception(true);
	}
}

/** A page inside a page. */
class FirefoxFrame extends Place {
	#frame;

	/** @param {import("puppeteer-core").Frame} frame */
	constructor(frame) {
		super((selector) => frame.$$(selector));
		this.#frame = frame;
	}

	url() {
		return this.#frame.url();
	}

	evaluate(script, argument) {
		return this.#frame.evaluate(script, argument);
	}
}

class Locator extends Place {
	#find;

	/** @param {() => Promise<Handle[]>} find */
	constructor(find) {
		super(async (selector) => {
			const found = await Promise.all((await find()).map((handle) => handle.$$(selector)));
			return found.flat();
		});
		this.#find = find;
	}

	first() {
		return new Locator(async () => (await this.#find()).slice(0, 1));
	}

	last() {
		return new Locator(async () => (await this.#find()).slice(-1));
	}

	async count() {
		return (await this.#find()).length;
	}

	async isVisible() {
		const [handle] = await this.#find();
		return handle !== undefined && (await handle.isVisible());
	}

	/** @param {{ state?: "visible" | "detached", timeout?: number }} of */
	async waitFor({ state = "visible", timeout = WAIT_MS } = {}) {
		const reached = async () => (state === "visible" ? this.isVisible() : (await this.count()) === 0);
		await until(`an element is ${state}`, reached, timeout);
	}

	async click({ timeout } = {}) {
		await (await this.#ready(timeout)).click();
	}

	async tap(how) {
		await this.click(how);
	}

	async check(how) {
		await this.click(how);
	}

	async fill(text) {
		const handle = await this.#ready();
		await handle.focus();
		await handle.evaluate((field) => field.select());
		await handle.type(text);
	}

	async textContent({ timeout } = {}) {
		return (await this.#one(timeout)).evaluate((element) => element.textContent);
	}

	async inputValue({ timeout } = {}) {
		return (await this.#one(timeout)).evaluate((element) => element.value);
	}

	async getAttribute(name, { timeout } = {}) {
		return (await this.#one(timeout)).evaluate((element, name) => element.getAttribute(name), name);
	}

	async boundingBox({ timeout } = {}) {
		return (await this.#one(timeout)).boundingBox();
	}

	async evaluate(script, argument) {
		return (await this.#one()).evaluate(script, argument);
	}

	async screenshot() {
		return Buffer.from(await (await this.#one()).screenshot());
	}

	/** The only element, once it is there. */
	async #one(within_ms = WAIT_MS) {
		return until(
			"one element is found",
			async () => {
				const found = await this.#find();
				if (found.length !== 1) throw new Error(`there are ${found.length}`);
				return found[0];
			},
			within_ms,
		);
	}

	/** The only element, once it is visible, enabled and at rest. */
	async #ready(within_ms = WAIT_MS) {
		return until(
			"an element can be pressed",
			async () => {
				const [handle] = await this.#find();
				if (handle === undefined) throw new Error("it is not there");
				const before = await handle.boundingBox();
				if (before === null) throw new Error("it is not visible");
				const disabled = (element) => element.disabled === true || element.ariaDisabled === "true";
				if (await handle.evaluate(disabled)) throw new Error("it is disabled");
				const after = await handle.boundingBox();
				return after !== null && before.x === after.x && before.y === after.y && handle;
			},
			within_ms,
		);
	}
}

/** Runs in the page: says on the console what the page's policy forbade. */
function reportViolations() {
	document.addEventListener("securitypolicyviolation", (event) =>
		console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`),
	);
}
