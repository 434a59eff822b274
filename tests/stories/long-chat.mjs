// A call whose chat is long from the start: lines are put into the log between the real server and
// the page, since thousands of them would take a server with its flood limits many minutes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./built.mjs";

/** Events in one answer of the real server. */
const LOG_EVENTS = 500;
const SAMPLE = join(ROOT, "functions/host/samples/jpeg/baseline.jpg");
/** Where the page finds every picture of the made lines. */
const PICTURE = "/api/a-picture-of-the-story";

/** How the lines of a long chat look; the last kind is as long as a line may be. */
export const TALK = {
	usual: (at) => `Line ${at}: ${"please turn the valve a little to the left ".repeat(at % 4)}`.trim(),
	longest: (at) => `Line ${at}: ${"what is as long as a line may be ".repeat(70)}`.slice(0, 2_000).trim(),
};

/**
 * A page's log with made lines in it. Events before the call are as they were; the real ones that
 * follow have higher numbers in the page than at the server.
 */
export class LongChat {
	/** The real events, by their number at the server. @type {Map<number, any>} */
	#real = new Map();
	/** The newest real event before the made ones. */
	#after = 0;
	/** @type {any[]} */
	#made = [];

	/**
	 * Makes a person's chat long, from the next reload of their page on. Both must be in the call.
	 * @param {import("./people.mjs").Person} person
	 * @param {number} lines
	 * @param {{ pictures?: number, talk?: (at: number) => string }} options
	 */
	async lengthen(person, lines, { pictures = 0, talk = TALK.usual } = {}) {
		const page = person.page;
		if (this.#after === 0) {
			await page.route("**/api/sessions/*/log?*", (route) => this.#answerLog(route));
			await page.route(`**${PICTURE}`, (route) =>
				route.fulfill({ contentType: "image/jpeg", body: readFileSync(SAMPLE) }),
			);
			await page.routeWebSocket(/\/ws$/, (socket) => this.#between(socket));
			await page.reload();
			await person.isInCall();
			this.#after = Math.max(...this.#real.keys());
		}
		const last = this.#real.get(this.#after);
		const every = pictures === 0 ? Number.POSITIVE_INFINITY : Math.floor(lines / pictures);
		this.#made = Array.from({ length: lines }, (_, at) => {
			const event = { seq: this.#after + 1 + at, at_ms: last.at_ms, seat: at % 3 === 0 ? "agent" : "customer" };
			if (at % every !== every - 1) return { ...event, type: "said", text: talk(at) };
			return { ...event, type: "picture_sent", picture: at, through: at, width: 1_280, height: at % 2 ? 720 : 1_600 };
		});
	}

	/** @param {number} seq at the server */
	#shift(seq) {
		return seq > this.#after ? seq + this.#made.length : seq;
	}

	/** Events of the page's log after event `after` of it, `count` at most. */
	#page(after, count) {
		const head = Math.max(...this.#real.keys()) + this.#made.length;
		const events = [];
		for (let seq = after + 1; seq <= head && events.length < count; seq += 1) {
			const made = this.#made[seq - this.#after - 1];
			const real = this.#real.get(seq > this.#after ? seq - this.#made.length : seq);
			if (made === undefined && real === undefined) break;
			events.push(made ?? { ...real, seq });
		}
		return { events, head, more: events.length > 0 && events.at(-1).seq < head };
	}

	/** @param {import("playwright-core").Route} route */
	async #answerLog(route) {
		if (this.#real.size === 0) this.#keep((await (await route.fetch()).json()).events);
		const after = Number(new URL(route.request().url()).searchParams.get("after"));
		await route.fulfill({ json: this.#page(after, LOG_EVENTS) });
	}

	#keep(events) {
		for (const event of events) this.#real.set(event.seq, event);
	}

	/** @param {import("playwright-core").WebSocketRoute} socket */
	#between(socket) {
		const server = socket.connectToServer();
		socket.onMessage((text) => {
			const says = JSON.parse(String(text));
			if (says.type === "view" && says.object.of === "sent") {
				const { session, topic, object } = says;
				const url = new URL(PICTURE, server.url().replace(/^ws/, "http")).href;
				const expires_at_ms = Date.now() + 300_000;
				socket.send(JSON.stringify({ session, topic, type: "link", object, url, expires_at_ms }));
			} else if (says.type === "resume" && this.#made.length > 0) {
				const { session, topic } = says;
				socket.send(JSON.stringify({ session, topic, type: "events", ...this.#page(says.after, 50) }));
				// What the server said to a connection that was just lost.
				server.send(JSON.stringify({ ...says, after: Math.max(...this.#real.keys()) }));
			} else server.send(text);
		});
		server.onMessage((text) => {
			const hears = JSON.parse(String(text));
			if (hears.events !== undefined) {
				this.#keep(hears.events);
				hears.events = hears.events.map((event) => ({ ...event, seq: this.#shift(event.seq) }));
			}
			if (hears.head !== undefined) hears.head += this.#made.length;
			socket.send(JSON.stringify(hears));
		});
	}
}

/**
 * Times lines of the person's own: from Enter until the line is in the chat, and until the frame
 * that shows it. The chat must be open.
 * @param {import("./people.mjs").Person} person
 * @param {number} lines
 * @returns {Promise<{ line: number, line_max: number, frame: number }>} milliseconds, medians
 */
export async function timesLines({ page }, lines) {
	const { line, frame } = await page.evaluate(writeLines, lines);
	return { line: median(line), line_max: line.at(-1) ?? 0, frame: median(frame) };
}

/** @param {number[]} sorted */
const median = (sorted) => sorted[Math.floor((sorted.length - 1) / 2)];

/** Runs in the page. */
async function writeLines(lines) {
	const field = document.querySelector(".composer textarea");
	const log = document.querySelector("[role=log]");
	const setText = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
	const frames = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
	const found = { line: [], frame: [] };
	for (let at = 0; at < lines; at += 1) {
		const text = `own line ${performance.now()}`;
		setText.call(field, text);
		field.dispatchEvent(new InputEvent("input", { bubbles: true }));
		await frames();
		const from = performance.now();
		field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
		await new Promise((resolve) => {
			const seen = () => log.lastElementChild.textContent.includes(text);
			if (seen()) return resolve();
			const watcher = new MutationObserver(() => seen() && resolve(watcher.disconnect()));
			watcher.observe(log, { childList: true, subtree: true });
		});
		found.line.push(performance.now() - from);
		await frames();
		found.frame.push(performance.now() - from);
		// Not faster than the server takes them.
		await new Promise((resolve) => setTimeout(resolve, 80));
	}
	for (const some of Object.values(found)) some.sort((a, b) => a - b);
	return found;
}

/**
 * Scrolls the open chat by so many pixels a frame, and watches what is seen.
 * @param {import("./people.mjs").Person} person
 * @param {{ by: number, frames: number }} how `by`: below zero towards older lines
 * @returns {Promise<{ jumps: number[], nodes: number, seen: string }>} jumps of a line that stayed
 *   in the page, in pixels; most nodes at a time; the first line seen in the end
 */
export function scrolls({ page }, { by, frames }) {
	return page.evaluate(scrollLog, { by, frames });
}

/** Runs in the page. */
async function scrollLog({ by, frames }) {
	const log = document.querySelector("[role=log]");
	const found = { jumps: [], nodes: 0, seen: "" };
	const first = () =>
		[...log.children].find((one) => one.getBoundingClientRect().bottom > log.getBoundingClientRect().top);
	for (let frame = 0; frame < frames; frame += 1) {
		const [line, before] = [first(), log.scrollTop];
		const { top } = line.getBoundingClientRect();
		log.scrollTop += by;
		const moved = before - log.scrollTop;
		await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
		const jump = line.isConnected ? line.getBoundingClientRect().top - top - moved : 0;
		if (Math.abs(jump) > 1) found.jumps.push(Math.round(jump));
		found.nodes = Math.max(found.nodes, document.querySelectorAll("*").length);
	}
	found.seen = first().textContent;
	return found;
}

/**
 * Scrolls the open chat towards older lines, each time right after the page's own frame and before
 * the tasks that follow from it, as a finger on a busy phone does.
 * @param {import("./people.mjs").Person} person
 * @param {{ by: number, frames: number }} how `by`: pixels each time
 * @returns {Promise<number[]>} jumps of what is seen, in pixels
 */
export function scrollsBetween({ page }, { by, frames }) {
	return page.evaluate(scrollAfterFrames, { by, frames });
}

/** Runs in the page. */
function scrollAfterFrames({ by, frames }) {
	const log = document.querySelector("[role=log]");
	const edge = log.getBoundingClientRect().top;
	const jumps = [];
	let [line, due, left] = [null, 0, frames];
	return new Promise((resolve) => {
		const step = () => {
			const jump = line?.isConnected ? line.getBoundingClientRect().top - due : 0;
			if (Math.abs(jump) > 1) jumps.push(Math.round(jump));
			line = [...log.children].find((one) => one.getBoundingClientRect().bottom > edge);
			log.scrollTop -= by;
			due = line.getBoundingClientRect().top;
			left -= 1;
			if (left < 0) resolve(jumps);
		};
		// The page's own listener came first, and so does the frame it asks for.
		log.addEventListener("scroll", () => left >= 0 && requestAnimationFrame(step));
		log.scrollTop -= by;
	});
}

/**
 * What the page holds after a collection of garbage.
 * @param {import("./people.mjs").Person} person
 * @returns {Promise<{ nodes: number, listeners: number }>}
 */
export async function holdings({ context, page }) {
	const devtools = await context.newCDPSession(page);
	await devtools.send("Performance.enable");
	await devtools.send("HeapProfiler.collectGarbage");
	const { metrics } = await devtools.send("Performance.getMetrics");
	await devtools.detach();
	const of = (name) => metrics.find((one) => one.name === name)?.value ?? 0;
	return { nodes: of("Nodes"), listeners: of("JSEventListeners") };
}

/**
 * Reloads the page and opens the chat. Returns milliseconds until its newest lines are there.
 * @param {import("./people.mjs").Person} person
 */
export async function reloads(person) {
	const from = Date.now();
	await person.page.reload({ waitUntil: "commit" });
	await person.button("End call").waitFor();
	await person.opensChat();
	await person.log.locator(".line").last().waitFor();
	return Date.now() - from;
}

/**
 * Does something while the page's processor is slower.
 * @template T
 * @param {import("./people.mjs").Person} person
 * @param {number} rate
 * @param {() => Promise<T>} act
 */
export async function slowed({ context, page }, rate, act) {
	const devtools = await context.newCDPSession(page);
	await devtools.send("Emulation.setCPUThrottlingRate", { rate });
	const result = await act();
	await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
	await devtools.detach();
	return result;
}
