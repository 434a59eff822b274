// The two people of a story. Each has a browser process, because Chromium configures its fake
// camera per process. Everything on a page is found by its exact accessible name.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { chromium, devices } from "playwright-core";
import { AGENT_HZ, BARS, CUSTOMER_HZ, STRIPES, writeCard, writeLandmarks, writeTone } from "./cards.mjs";
import { FirefoxPage, launchFirefox } from "./firefox.mjs";
import { LONGER, speaking } from "./spoken.mjs";
import { until } from "./until.mjs";
import { AGENT_NAME } from "./world.mjs";

/**
 * @typedef {object} From
 * @property {import("./network.mjs").Elsewhere} [elsewhere] this machine without it
 * @property {NodeJS.ProcessEnv} env of the browser there
 *
 * @typedef {import("playwright-core").Page} Page
 * @typedef {import("./world.mjs").World} World
 *
 * @typedef {object} Outfit
 * @property {"chromium" | "firefox"} [browser] Firefox has its own moving picture as a camera
 * @property {Record<string, unknown>} [preferences] further ones of Firefox
 * @property {string} [profile] the folder of Firefox's profile, which goes with the browser
 * @property {string[]} [flags] further ones of Chromium
 * @property {"card" | "landmarks" | "two" | "none" | "denied"} [camera] a test card, a large one
 *   with landmarks, two of Chromium's own cameras, no camera, or a blocked one
 * @property {{ width: number, height: number }} [screen]
 * @property {number} [dpr] device pixels per CSS pixel
 * @property {From} [from] another machine in the network
 * @property {string} [language] that the browser reports and the page speaks; names stay English
 * @property {boolean} [longer] whether the texts of the page are longer than any language's
 * @property {string | (() => void)} [script] to run in every page before the page's own
 */

export const CUSTOMER_NAME = "Ada";
export const NUMBER = "+4915112345678";
export const REFERENCE = "CASE-00042";
export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1440, height: 900 };

const CALL_MS = 30_000;
/** Characters. */
const SIGHT_MAX = 400;
const SIGHT_MS = 3_000;
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

export class Person {
	/** @type {string} */
	who;
	/** @type {World} */
	world;
	/** @type {import("playwright-core").Browser} */
	browser;
	/** @type {import("playwright-core").BrowserContext} */
	context;
	/** @type {Page} */
	page;
	/** Uncaught errors and policy violations. @type {string[]} */
	faults = [];
	/** Everything the pages printed on the console. @type {string[]} */
	words = [];

	/** @param {string} name @param {import("playwright-core").Page} [page] */
	button(name, page = this.page) {
		return page.getByRole("button", { name, exact: true });
	}

	/** @param {string} name */
	field(name) {
		return this.page.getByRole("textbox", { name, exact: true });
	}

	/** @param {string} name */
	heading(name) {
		return this.page.getByRole("heading", { name, exact: true });
	}

	/** @param {string} name */
	async sees(name, within_ms = CALL_MS) {
		await this.heading(name).waitFor({ timeout: within_ms });
	}

	get connection() {
		return this.page.getByRole("status", { name: "Connection", exact: true });
	}

	get log() {
		return this.page.getByRole("log", { name: "Chat", exact: true });
	}

	/** The other person's picture. */
	get remote() {
		return this.page.locator(`video[aria-label="${this.who === "agent" ? CUSTOMER_NAME : AGENT_NAME}"]`);
	}

	/** @param {RegExp} state */
	async isConnected(state = /live|weak/i, within_ms = CALL_MS) {
		await until(
			`${this.who}: Connection says ${state}`,
			async () => {
				const text = await this.connection.textContent({ timeout: 1_000 });
				if (!state.test(text ?? "")) throw new Error(`it says ${text}`);
				return true;
			},
			within_ms,
		);
	}

	async isInCall() {
		await this.button("End call").waitFor({ timeout: CALL_MS });
		await this.isConnected();
	}

	/** @param {string} text */
	async says(text) {
		await this.opensChat();
		await this.field("Message").fill(text);
		await this.button("Send").click();
	}

	async opensChat() {
		if (await this.field("Message").isVisible()) return;
		await this.button("Chat").click();
		await this.field("Message").waitFor();
	}

	async closesChat() {
		if (!(await this.button("Close chat").isVisible())) return;
		await this.button("Close chat").click();
		await this.field("Message").waitFor({ state: "detached" });
	}

	/** @param {string} text */
	async reads(text, within_ms = CALL_MS) {
		await this.opensChat();
		await this.log.getByText(text, { exact: true }).waitFor({ timeout: within_ms });
	}

	/** Opens the newest picture of the chat, checks that it fills the screen, and closes it. */
	async opensPicture() {
		await this.opensChat();
		await this.log.getByRole("button", { name: "Open picture", exact: true }).last().click();
		const image = this.page.getByRole("dialog").getByRole("img");
		await until(`${this.who}: the picture is as wide or as high as the screen`, async () => {
			const { width, height } = (await image.boundingBox({ timeout: 1_000 })) ?? { width: 0, height: 0 };
			const screen = this.page.viewportSize() ?? { width: 0, height: 0 };
			return width > screen.width * 0.85 || height > screen.height * 0.7;
		});
		await this.button("Close picture").click();
		await image.waitFor({ state: "detached" });
		await this.closesChat();
	}

	async deletesPicture() {
		await this.button("Delete screenshot").click();
	}

	async endsCall() {
		await this.button("End call").click();
		await this.button("End for both").click();
	}

	/** @param {"Microphone" | "Camera"} name @param {boolean} on */
	async switches(name, on) {
		const button = this.button(name);
		await until(`${name} can be pressed`, async () => (await button.getAttribute("aria-pressed")) === String(!on));
		await button.click();
		await until(
			`${name} is ${on ? "on" : "off"}`,
			async () => (await button.getAttribute("aria-pressed")) === String(on),
		);
	}

	/** The number of cameras or microphones in use. @param {"audio" | "video"} kind */
	lights(kind) {
		return this.page.evaluate(
			(kind) => window.__tracks.filter((track) => track.kind === kind && track.readyState === "live").length,
			kind,
		);
	}

	/**
	 * The encryption of the newest connected transport, its protocol, and the relay's address.
	 * @returns {Promise<{
	 *   srtpCipher: string, tlsVersion: string, protocol: "udp" | "tcp", remote: string
	 * } | null>}
	 */
	transport() {
		return this.page.evaluate(async () => {
			for (const connection of [...window.__connections].reverse()) {
				const report = await connection.getStats();
				for (const stats of report.values()) {
					if (stats.type === "transport" && stats.dtlsState === "connected") {
						const pair = report.get(stats.selectedCandidatePairId);
						const { protocol, address, port } = report.get(pair.remoteCandidateId);
						const { srtpCipher, tlsVersion } = stats;
						return { srtpCipher, tlsVersion, protocol, remote: `${address}:${port}` };
					}
				}
			}
			return null;
		});
	}

	/** The address and the words on the screen, for readers of a failure without its pictures. */
	async sight() {
		// biome-ignore lint/performance/useDomNodeTextContent: hidden words are not seen.
		const seen = this.page.evaluate(() => `${location.pathname}: ${document.body.innerText}`);
		const text = await Promise.race([seen, delay(SIGHT_MS, "no answer")]).catch((error) => error);
		return String(text).replace(/\s+/g, " ").slice(0, SIGHT_MAX);
	}

	/** Aborts each request that `lost` picks by its URL. @param {(url: string) => boolean} lost */
	async loses(lost) {
		if (this.page instanceof FirefoxPage) return this.page.loses(lost);
		await this.context.route(
			(url) => lost(url.href),
			(route) => route.abort(),
		);
	}

	async reloads() {
		await this.page.reload();
	}

	async close() {
		await this.browser?.close();
	}

	/**
	 * @param {string[]} flags
	 * @param {import("playwright-core").BrowserContextOptions} options
	 * @param {Outfit} outfit
	 */
	async launch(flags, options, outfit) {
		if (outfit.browser === "firefox") {
			const { browser, context } = await launchFirefox(options.viewport, this.world.base, outfit);
			this.browser = browser;
			this.context = context;
		} else {
			const { elsewhere, env } = outfit.from ?? {};
			this.browser = await chromium.launch({
				executablePath: elsewhere?.program(CHROMIUM) ?? CHROMIUM,
				args: [...flags, ...(outfit.flags ?? [])],
				env: { ...process.env, ...env },
			});
			this.context = await this.browser.newContext({
				baseURL: this.world.base,
				locale: outfit.language ?? "en-GB",
				timezoneId: "Europe/Berlin",
				...options,
			});
			this.context.setDefaultTimeout(CALL_MS);
		}
		await this.context.addInitScript(countLights);
		await this.context.addInitScript(keepConnections);
		if (outfit.camera === "two") await this.context.addInitScript(hideDepthCamera);
		if (outfit.longer) await this.context.addInitScript(LONGER);
		if (outfit.script) await this.context.addInitScript(outfit.script);
		this.context.on("weberror", (error) => this.faults.push(String(error.error().stack ?? error.error())));
		this.context.on("console", (message) => {
			this.words.push(`${message.type()}: ${message.text()}`);
			if (/Content Security Policy|Permissions policy/i.test(message.text())) this.faults.push(message.text());
		});
		const page = await this.context.newPage();
		this.page = outfit.language === undefined ? page : speaking(page, outfit.language, outfit.longer);
	}
}

export class Agent extends Person {
	who = "agent";

	/** @param {World} world @param {Outfit} outfit */
	static async open(world, outfit = {}) {
		const agent = new Agent();
		agent.world = world;
		await agent.launch(
			cameraFlags(outfit, "agent"),
			{ viewport: outfit.screen ?? DESKTOP, deviceScaleFactor: outfit.dpr ?? 1 },
			outfit,
		);
		return agent;
	}

	async signsIn() {
		await this.world.signs_in(this.page);
		await this.sees("Start a call");
	}

	/** Fills the form and sends the invite. */
	async invites(number = NUMBER, reference = REFERENCE) {
		const before = (await this.world.texts()).length;
		await this.field("Phone number").fill(number);
		await this.field("Call reference").fill(reference);
		await this.sendsInvite();
		await until("the text message was sent", async () => (await this.world.texts()).length > before);
	}

	/** The page gives up a server that takes 8 s. Another press asks for the same call. */
	async sendsInvite() {
		const waiting = this.heading("Waiting for the customer");
		await until(
			"the invite is sent",
			async () => {
				if (await waiting.isVisible()) return true;
				await this.button("Send invite").click({ timeout: 1_000 });
				await waiting.waitFor({ timeout: 12_000 });
				return true;
			},
			2 * CALL_MS,
		);
	}

	/** The list of the call's pictures. */
	get strip() {
		return this.page.getByRole("list", { name: "Pictures", exact: true });
	}

	/** Deletes the strokes of both people. */
	async clearsEverything() {
		await this.button("Clear everything").click();
		await this.button("Clear for both").click();
	}

	async cancels() {
		await this.button("Cancel invitation").click();
		await this.button("Yes, cancel it").click();
	}

	/** The code that the waiting view shows. */
	async code() {
		const shown = this.page.locator("dt", { hasText: /^Code$/ }).locator("xpath=following-sibling::dd");
		// Its place is kept until it is known.
		await shown.waitFor();
		return ((await shown.textContent()) ?? "").trim();
	}

	/** The current step in the list "Progress". */
	async progress(within_ms = CALL_MS) {
		const step = this.page.getByRole("list", { name: "Progress", exact: true }).locator('[aria-current="step"]');
		return ((await step.textContent({ timeout: within_ms })) ?? "").trim();
	}

	/** @param {RegExp} step */
	async waitsAt(step, within_ms = CALL_MS) {
		await until(
			`Progress is at ${step}`,
			async () => {
				const text = await this.progress(2_000);
				if (!step.test(text)) throw new Error(`it is at ${text}`);
				return true;
			},
			within_ms,
		);
	}
}

export class Customer extends Person {
	who = "customer";

	/** Some browsers require a tap before a reloaded page can use the camera again. */
	async turnsCameraBackOn() {
		const again = this.button("Turn the camera back on");
		await until("the camera is on again, if need be by a button", async () => {
			// The camera may come back by itself meanwhile.
			if (await again.isVisible()) await again.tap({ timeout: 1_000 });
			return (await this.button("Camera").getAttribute("aria-pressed")) === "true";
		});
	}

	/** @param {World} world @param {Outfit} outfit */
	static async open(world, outfit = {}) {
		const customer = new Customer();
		customer.world = world;
		const { defaultBrowserType: _, ...pixel } = devices["Pixel 7"];
		const screen = outfit.screen ?? PHONE;
		await customer.launch(
			cameraFlags(outfit, "customer"),
			{ ...pixel, viewport: screen, screen, deviceScaleFactor: outfit.dpr ?? 2 },
			outfit,
		);
		return customer;
	}

	/** @param {string} link */
	async opens(link) {
		await this.page.goto(link);
	}

	/** Types a code on the page of those who have no link. @param {string} code */
	async typesCode(code) {
		await this.field("Code").fill(code);
		await this.button("Continue").tap();
	}

	/** Goes from the lobby into the call: enters a name, turns the camera on, presses Join. */
	async joins(name = CUSTOMER_NAME, press = "Join") {
		await this.field("Your name").fill(name);
		await this.button("Show my camera").tap();
		await this.page.getByLabel("Your picture", { exact: true }).waitFor();
		await this.button(press).tap();
	}
}

/** @param {Outfit} outfit @param {"agent" | "customer"} who */
function cameraFlags(outfit, who) {
	const granted = "--use-fake-ui-for-media-stream";
	const device = "--use-fake-device-for-media-stream";
	switch (outfit.camera ?? "card") {
		case "card":
		case "landmarks":
			return [
				granted,
				device,
				`--use-file-for-fake-video-capture=${outfit.camera === "landmarks" ? landmarks() : `${media()}/${who}.y4m`}`,
				`--use-file-for-fake-audio-capture=${media()}/${who}.wav`,
			];
		case "two":
			return [granted, `${device}=device-count=3`];
		case "denied":
			return [device];
		case "none":
			return [granted];
	}
}

let folder = "";

/** The folder of cards and tones, made once per process. */
export function media() {
	if (folder !== "") return folder;
	folder = mkdtempSync(join(tmpdir(), "sightline-cards-"));
	process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
	writeCard(`${folder}/customer.y4m`, BARS);
	writeCard(`${folder}/agent.y4m`, STRIPES);
	writeTone(`${folder}/customer.wav`, CUSTOMER_HZ);
	writeTone(`${folder}/agent.wav`, AGENT_HZ);
	return folder;
}

/** The large card, made only when a story needs it. */
function landmarks() {
	const path = `${media()}/landmarks.y4m`;
	if (!existsSync(path)) writeLandmarks(path);
	return path;
}

/** Runs in the page: keeps its peer connections, so that a story can read their statistics. */
function keepConnections() {
	window.__connections = [];
	const Native = window.RTCPeerConnection;
	window.RTCPeerConnection = class extends Native {
		constructor(...of) {
			super(...of);
			window.__connections.push(this);
		}
	};
}

/** Runs in the page: keeps every track, so that a story can tell whether a device is in use. */
function countLights() {
	window.__tracks = [];
	const mediaDevices = navigator.mediaDevices;
	if (mediaDevices === undefined) return;
	const ask = mediaDevices.getUserMedia.bind(mediaDevices);
	mediaDevices.getUserMedia = async (constraints) => {
		const stream = await ask(constraints);
		window.__tracks.push(...stream.getTracks());
		return stream;
	};
}

/**
 * Runs in the page: hides the second of Chromium's three fake cameras. It records depth (Y16),
 * which WebRTC cannot send. The other two are green, one of them with yellow corners.
 */
function hideDepthCamera() {
	const mediaDevices = navigator.mediaDevices;
	if (mediaDevices === undefined) return;
	const list = mediaDevices.enumerateDevices.bind(mediaDevices);
	mediaDevices.enumerateDevices = async () => (await list()).filter((device) => device.label !== "fake_device_1");
}
