// Records what the version before leaves behind: a data folder, cookies, and every message.
//
//   node tests/before/record/record.mjs WORKTREE BINARY OUT
//
// WORKTREE is a checkout of tests/before/commit with its node_modules, BINARY the desk built there.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { House, Page, pageId, pause, secretOf } from "./house.mjs";

const NUMBER = "+4915112345678";
const [old, binary, out] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "sightline-before-"));
const jpeg = (name) => readFileSync(join(old, `functions/host/samples/jpeg/${name}.jpg`));
const [PICTURE, PHOTO] = [jpeg("baseline"), jpeg("photo")];

/** The agent signs in; what somebody can do who is not. */
async function signsIn(house) {
	await house.asks("/api/entrance");
	await house.asks("/api/me");
	const token = secretOf(house.ready.agent);
	const { cookie } = await house.asks("/api/sign-in/once", { token });
	await house.asks("/api/sign-in/once", { token });
	await house.asks("/api/me", undefined, cookie);
	return cookie;
}

async function invites(house, agent, reference, language = "en") {
	const call = { request: pageId(), number: NUMBER, region: "DE", reference, language };
	const { json } = await house.asks("/api/sessions", call, agent);
	return { session: json.session, link: await house.link() };
}

/** Both pages, attached; the customer's is in the lobby. */
async function enters(house, name, agent, { session, link }) {
	const secret = secretOf(link);
	await house.asks("/api/look", { secret });
	const { cookie } = await house.asks("/api/enter", { secret });
	await house.asks(`/api/sessions/${session}/seat`, undefined, cookie);
	const pages = {
		agent: new Page(house, `${name}-agent`, session, "agent", agent),
		customer: new Page(house, `${name}-customer`, session, "customer", cookie),
	};
	await pages.agent.dials();
	await pages.customer.dials();
	return pages;
}

const joining = (name, more = {}) => ({
	name,
	video_only: false,
	microphone: true,
	camera: true,
	take: false,
	...more,
});

async function lobby(pages) {
	await pages.customer.does("session", "lobby", { step: "in_lobby" });
	await pages.customer.does("session", "lobby", { step: "asking" });
	await pages.customer.does("session", "rename", { name: "Ada" });
	await pages.customer.does("session", "zone", { utc_offset_min: 120 });
	await pages.agent.does("session", "join", joining("Grace"));
	await pages.customer.does("session", "join", joining("Ada"));
	await pages.customer.sees("joined", ({ seat }) => seat === "customer");
}

async function talks({ agent, customer }) {
	await agent.does("chat", "say", { text: "Good morning, Ada. What do you see?" });
	customer.says("chat", "typing");
	await agent.hears("typing");
	await customer.does("chat", "say", { text: "Eine Lampe blinkt 🔴\nzweite Zeile" });
	await customer.does("session", "media", { microphone: false, camera: true });
	customer.says("signaling", "presence", { paused: true });
	await agent.hears("presence");
	customer.says("signaling", "offer", { attempt: 1, sdp: "v=0\r\n" });
	await customer.hears("no_relay");
	agent.says("session", "ping");
	await agent.hears("pong");
}

/** A picture that the customer's camera gives. */
async function takes({ agent, customer }) {
	const head = (await agent.does("screenshots", "capture")).head;
	const { seq: picture } = await customer.sees("capture_asked", ({ seq }) => seq <= head);
	const upload = { kind: "sharp", picture, attempt: 1 };
	await customer.uploads(upload, PHOTO);
	await customer.does("screenshots", "uploaded", { upload });
	await agent.sees("picture_kept");
	return picture;
}

const INKS = [
	{ tool: "pen", line: [1_000, 1_000, 30_000, 40_000, 65_535, 0], pressure: [0, 128, 255] },
	{ tool: "arrow", from: [0, 0], to: [65_535, 65_535] },
	{ tool: "circle", from: [40_000, 20_000], to: [50_000, 10_000] },
	{ tool: "box", from: [100, 200], to: [300, 400] },
	{ tool: "text", at: [9_000, 12_000], text: "Valve → left 👈" },
	{ tool: "step", at: [5, 6], number: 99 },
];

/** Every tool, and every way to take back. */
async function draws({ agent, customer }, picture) {
	const strokes = INKS.map((ink, at) => ({ mark: at + 1, ...ink }));
	const pointer = { type: "pointer", picture, at: [300, 400] };
	agent.says("annotation", "passing", { passing: pointer });
	await customer.hears("passing");
	const piece = { type: "ink", picture, mark: 1, step: 1, tool: "pen", start: 0, line: [1_000, 1_000], pressure: [0] };
	agent.says("annotation", "passing", { passing: piece });
	await customer.hears("passing");
	await agent.does("annotation", "draw", { picture, strokes });
	await customer.does("annotation", "draw", { picture, strokes: strokes.slice(0, 2) });
	await customer.does("annotation", "undo", { picture });
	await agent.does("annotation", "undo", { picture });
	const redone = await agent.does("annotation", "redo", { picture });
	return redone.head;
}

/** A picture sent, one that failed and was taken again by what the agent saw, one deleted. */
async function shares(pages, picture, through) {
	const { agent, customer } = pages;
	const sent = { kind: "sent", picture, through };
	await agent.uploads(sent, PICTURE);
	await agent.does("screenshots", "send", { picture, through });
	for (const object of [
		{ of: "base", picture },
		{ of: "sent", picture, through },
	]) {
		customer.says("screenshots", "view", { object });
		await customer.hears("link");
	}
	await customer.does("annotation", "undo_all", { picture });
	await agent.does("annotation", "clear", { picture });
	await agent.does("screenshots", "close", { picture });
	await customer.does("screenshots", "open", { picture });
	await customer.does("screenshots", "close", { picture });
	await pause(1_500);
	await customer.does("screenshots", "capture");
	const { seq: second } = await agent.sees("capture_asked", ({ seq }) => seq > through);
	const failed = { picture: second, attempt: 1, why: "in_background" };
	await customer.does("screenshots", "capture_failed", failed);
	await agent.does("screenshots", "capture_again", { picture: second });
	// Only after this wait is the picture that the agent saw accepted.
	await pause(7_500);
	const quick = { kind: "quick", picture: second };
	await agent.uploads(quick, PICTURE);
	await agent.does("screenshots", "uploaded", { upload: quick });
	await agent.does("screenshots", "delete", { picture: second });
}

/** The customer's seat moves to a second page, which is lost, comes back and leaves. */
async function moves(house, pages, name) {
	const { agent, customer } = pages;
	const second = new Page(house, `${name}-customer-2`, customer.session, "customer", customer.cookie);
	await second.dials();
	await second.does("session", "join", joining("Ada"));
	await second.does("session", "join", joining("Ada", { take: true, video_only: true }));
	await customer.hears("moved");
	await second.hangsUp();
	for (let tries = 0; tries < 15; tries += 1) {
		agent.says("session", "ping");
		await pause(1_000);
	}
	await agent.sees("lost");
	await second.dials();
	await agent.sees("resumed");
	second.says("session", "leave");
	await agent.sees("left");
}

/** Two browsers in a call, driven by the stories' people of that version. */
async function browsers(house) {
	const { Agent, Customer } = await import(join(old, "tests/stories/people.mjs"));
	const [agent, customer] = [await Agent.open(house), await Customer.open(house)];
	for (const person of [agent, customer]) {
		const words = [];
		house.talk.pages[`browser-${person.who}`] = words;
		person.context.on("page", (page) => listen(page, words));
		listen(person.page, words);
	}
	await agent.signsIn();
	await agent.invites();
	await customer.opens(await house.link());
	return { agent, customer };
}

function listen(page, words) {
	page.on("websocket", (socket) => {
		socket.on("framesent", ({ payload }) => words.push({ from: "page", text: String(payload) }));
		socket.on("framereceived", ({ payload }) => words.push({ from: "host", text: String(payload) }));
	});
}

async function browserCall(house) {
	const { agent, customer } = await browsers(house);
	await customer.joins();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	await customer.says("It blinks");
	await agent.reads("It blinks");
	await customer.closesChat();
	await customer.button("Take screenshot").tap();
	await pause(4_000);
	await agent.page.getByRole("img", { name: "Screenshot", exact: true }).waitFor();
	await agent.endsCall();
	await pause(1_000);
	await Promise.all([agent.close(), customer.close()]);
}

async function record() {
	const house = await House.start(old, binary, folder);
	const agent = await signsIn(house);
	const expected = { sessions: {} };

	const ended = await invites(house, agent, "CASE-00042");
	const first = await enters(house, "ended", agent, ended);
	await house.asks(`/api/sessions/${ended.session}/link`, {}, agent);
	await lobby(first);
	await talks(first);
	const picture = await takes(first);
	await shares(first, picture, await draws(first, picture));
	await moves(house, first, "ended");
	await first.agent.does("session", "end");
	expected.sessions[ended.session] = { agent: await first.agent.reads() };

	await browserCall(house);

	const running = await invites(house, agent, "CASE-00043", "de");
	const second = await enters(house, "running", agent, running);
	await lobby(second);
	await talks(second);
	await draws(second, await takes(second));
	expected.sessions[running.session] = { agent: await second.agent.reads(), customer: await second.customer.reads() };

	const invited = await invites(house, agent, "CASE-00044", "fr");
	await house.asks("/api/look", { secret: secretOf(invited.link) });
	for (const { session } of [ended, running, invited]) {
		await house.asks(`/api/sessions/${session}/log?after=0`, undefined, agent);
	}
	expected.calls = (await house.asks("/api/sessions", undefined, agent)).json;
	await house.asks("/api/look", { secret: secretOf(ended.link) });
	await house.asks("/api/look", { secret: "AAAAAAAAAAAAAAAAAAAAAA" });
	await pause(2_000);
	await house.stop();
	return { house, expected, cookies: cookiesOf(agent, house, { ended, running, invited }, { first, second }) };
}

function cookiesOf(agent, house, { ended, running, invited }, { first, second }) {
	return {
		agent,
		once: secretOf(house.spare),
		ended: { session: ended.session, seat: first.customer.cookie },
		running: {
			session: running.session,
			seat: second.customer.cookie,
			pages: { agent: second.agent.id, customer: second.customer.id },
		},
		invited: { session: invited.session, secret: secretOf(invited.link) },
	};
}

function keep({ house, expected, cookies }) {
	rmSync(out, { recursive: true, force: true });
	mkdirSync(join(out, "talk"), { recursive: true });
	cpSync(join(folder, "data"), join(out, "data"), { recursive: true });
	cpSync(join(folder, "relay.jsonl"), join(out, "talk/relay.jsonl"));
	const lines = (rows) => `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`;
	writeFileSync(join(out, "talk/http.jsonl"), lines(house.talk.http));
	for (const [name, rows] of Object.entries(house.talk.pages))
		writeFileSync(join(out, `talk/${name}.jsonl`), lines(rows));
	writeFileSync(join(out, "expected.json"), `${JSON.stringify(expected, null, "\t")}\n`);
	writeFileSync(join(out, "cookies.json"), `${JSON.stringify(cookies, null, "\t")}\n`);
	rmSync(folder, { recursive: true, force: true });
}

keep(await record());
process.exit(0);
