// A network that lets requests through and no WebSocket.

import { afterEach, beforeEach, expect, test } from "vitest";
import { currentStep, trouble } from "../src/agent/progress";
import type { Call } from "../src/link/call";
import { createDevices } from "../src/link/media/devices";
import { openCall } from "../src/link/open";
import { apply, EMPTY, type Folded } from "../src/session/fold";
import type { EventKind } from "../src/wire/generated";
import { type FakeWire, type FakeWorld, fakeWorld, SESSION } from "./fakes";
import { leaveFakeBrowser, tick, useFakeBrowser } from "./scene";

let call: Call;
let world: FakeWorld;

beforeEach(useFakeBrowser);
afterEach(() => {
	call.close();
	leaveFakeBrowser();
});

/** What a network does to a socket of ours. */
const NETWORKS: Readonly<Record<string, (wire: FakeWire) => void>> = {
	"answers 403 or 200 to the upgrade": (wire) => setTimeout(() => wire.end(), 50),
	"never answers the upgrade": () => undefined,
	"opens it and swallows the frames": (wire) => setTimeout(() => wire.open(), 50),
	"opens it and closes it after a second": (wire) => {
		setTimeout(() => wire.open(), 50);
		setTimeout(() => wire.end(), 1_000);
	},
};

async function open(network: (wire: FakeWire) => void): Promise<void> {
	world = fakeWorld();
	const { connect } = world;
	let blocks = true;
	world.connect = (page) => {
		const wire = connect(page) as FakeWire;
		if (blocks) network(wire);
		else setTimeout(() => wire.attach({ holds_seat: false }), 50);
		return wire;
	};
	const media = { getUserMedia: async () => Promise.reject(new Error("none")), enumerateDevices: async () => [] };
	const devices = createDevices({ seat: "customer", media, meter: () => null });
	call = openCall({ session: SESSION, seat: "customer", devices, world });
	leaves = () => {
		blocks = false;
	};
	await tick();
}
let leaves: () => void;

test.each(Object.entries(NETWORKS))("it %s: the page says so within 7 s, until it is attached", async (_, network) => {
	await open(network);
	await tick(3_000);
	expect(call.socketBlocked.value).toBe(false);
	await tick(4_000);
	expect(call.socketBlocked.value).toBe(true);
	await tick(60_000);
	expect(call.socketBlocked.value).toBe(true);
	leaves();
	world.fire.online();
	await tick(12_000);
	expect(call.socketBlocked.value).toBe(false);
	expect(call.ready.value).toBe(true);
});

test("without any answer of the server the network is down, not closed", async () => {
	await open((wire) => setTimeout(() => wire.end(), 50));
	world.seatState = async () => "unknown";
	await tick(20_000);
	expect(call.socketBlocked.value).toBe(false);
});

test("a server that restarts is no network that blocks: the page connects as soon as it answers", async () => {
	let up = true;
	await open((wire) => setTimeout(() => (up ? wire.attach({ holds_seat: false }) : wire.end()), 50));
	world.seatState = async () => (up ? "held" : "unknown");
	await tick(1_000);
	expect(call.ready.value).toBe(true);
	for (let down_ms = 500; down_ms < 30_000; down_ms += 1_300) {
		up = false;
		world.wires.at(-1)?.end();
		await tick(down_ms);
		up = true;
		for (let looks = 0; looks < 120; looks += 1) {
			await tick(100);
			expect(call.socketBlocked.value, `after ${down_ms} ms`).toBe(false);
		}
		expect(call.connection.value.state).not.toBe("reconnecting");
	}
});

test("a page that comes back to the front is given the time to connect", async () => {
	await open((wire) => setTimeout(() => wire.attach({ holds_seat: false }), 50));
	await tick(1_000);
	expect(call.ready.value).toBe(true);
	world.background = true;
	world.fire.visible();
	world.wires.at(-1)?.end();
	// The phone stops its timers; the page's clock goes on.
	await tick(10);
	world.background = false;
	world.fire.visible();
	for (let looks = 0; looks < 100; looks += 1) {
		await tick(100);
		expect(call.socketBlocked.value).toBe(false);
	}
});

test("the agent reads what keeps the customer away, until the customer is here", () => {
	const view = (...kinds: EventKind[]): Folded =>
		kinds.reduce<Folded>((seen, kind, at) => apply(seen, { seq: at + 1, at_ms: at, ...kind }) ?? seen, EMPTY);
	const opened: EventKind = { type: "link_opened" };
	const blocked: EventKind = { type: "lobby_reached", step: "connection_blocked" };
	const cookies: EventKind = { type: "lobby_reached", step: "cookies_blocked" };
	const joined: EventKind = { type: "joined", seat: "customer", name: "Ada", video_only: false };
	expect(trouble(view(opened, blocked))).toBe("trouble_connection_blocked");
	expect(trouble(view(opened, blocked, { type: "lost", seat: "customer" }))).toBe("trouble_connection_blocked");
	expect(trouble(view(opened, cookies))).toBe("trouble_cookies_blocked");
	expect(currentStep(view(opened, cookies))).toBe(1);
	expect(view(opened, blocked, { type: "lobby_reached", step: "in_lobby" }).lobby).toBe("in_lobby");
	expect(view(blocked, joined).lobby).toBeNull();
	const back: EventKind = { type: "resumed", seat: "customer" };
	expect(view(joined, { type: "lost", seat: "customer" }, blocked).lobby).toBe("connection_blocked");
	expect(view(joined, { type: "lost", seat: "customer" }, blocked, back).lobby).toBeNull();
});
