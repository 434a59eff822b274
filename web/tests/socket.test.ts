import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Socket, type SocketOptions } from "../src/link/server/socket";
import type { ToPage } from "../src/wire/generated";
import { attached, FakeWire, PAGE, SESSION } from "./fakes";

let wires: FakeWire[];
let heard: string[];
let socket: Socket;

function open(more: Partial<SocketOptions> = {}): void {
	socket = new Socket({
		session: SESSION,
		page: PAGE,
		seat: "customer",
		make() {
			const wire = new FakeWire();
			wires.push(wire);
			return wire;
		},
		clock: () => performance.now(),
		random: () => 0.5,
		offer: () => null,
		moments: () => null,
		attached: () => heard.push("attached"),
		heard: (message) => heard.push(message.type),
		serverTime: () => undefined,
		detached: (at) => heard.push(`waits ${Math.round(at - performance.now())}`),
		otherVersion: () => heard.push("version"),
		handshakesFailed: () => heard.push("refused"),
		...more,
	});
	socket.start();
}

const wire = (at: number): FakeWire => {
	const found = wires.at(at);
	if (found === undefined) throw new Error(`no wire ${at}`);
	return found;
};

const pong = { session: SESSION, topic: "session", type: "pong", head: 0, now_ms: 1 } as const;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "Date"] });
	wires = [];
	heard = [];
});
afterEach(() => {
	socket.stop();
	vi.useRealTimers();
});

test("`attach` is the first message, and nothing else is sent before its answer", () => {
	open();
	expect(socket.say({ topic: "session", type: "ping" })).toBe(false);
	wire(0).open();
	expect(wire(0).said).toEqual([{ session: SESSION, page: PAGE, topic: "session", type: "attach", seat: "customer" }]);
	expect(socket.say({ topic: "session", type: "ping" })).toBe(false);
	wire(0).attach();
	expect(heard).toEqual(["attached"]);
	expect(socket.say({ topic: "chat", type: "typing" })).toBe(true);
});

test("a ping is sent every 25 s; after 5 s without a message the connection is dropped and another is opened at once", () => {
	open();
	wire(0).attach();
	vi.advanceTimersByTime(25_000);
	expect(wire(0).types()).toEqual(["attach", "ping"]);
	wire(0).hear(pong);
	vi.advanceTimersByTime(25_000);
	expect(
		wire(0)
			.types()
			.filter((type) => type === "ping"),
	).toHaveLength(2);
	vi.advanceTimersByTime(4_999);
	expect(wires).toHaveLength(1);
	vi.advanceTimersByTime(2);
	expect(wires).toHaveLength(2);
	expect(wire(0).closed).not.toBeNull();
});

test("any message is a sign of life", () => {
	open();
	wire(0).attach();
	vi.advanceTimersByTime(25_000);
	wire(0).hear({ session: SESSION, topic: "chat", type: "typing" });
	vi.advanceTimersByTime(20_000);
	expect(wires).toHaveLength(1);
});

test("a page that only listens sends its pings all the same", () => {
	open();
	wire(0).attach();
	for (let second = 0; second < 80; second += 1) {
		vi.advanceTimersByTime(1_000);
		wire(0).hear({ session: SESSION, topic: "chat", type: "typing" });
	}
	const pings = wire(0)
		.types()
		.filter((type) => type === "ping");
	expect(pings).toHaveLength(3);
});

test("a probe has 2 s, also when a patient ping is under way", () => {
	open();
	wire(0).attach();
	vi.advanceTimersByTime(25_500);
	socket.probe();
	vi.advanceTimersByTime(1_998);
	expect(wire(0).closed).toBeNull();
	vi.advanceTimersByTime(3);
	expect(wire(0).closed).not.toBeNull();
});

test("a probe without an answer opens a successor soon, and it serves without a detachment", () => {
	open();
	wire(0).attach();
	socket.probe();
	vi.advanceTimersByTime(374);
	expect(wires).toHaveLength(1);
	vi.advanceTimersByTime(1);
	expect(wires).toHaveLength(2);
	wire(1).attach();
	expect(socket.say({ topic: "chat", type: "typing" })).toBe(true);
	expect(wire(1).types()).toEqual(["attach", "typing"]);
	vi.advanceTimersByTime(20_000);
	expect(wires).toHaveLength(2);
	expect(wire(0).closed).toBe(1000);
	expect(heard).toEqual(["attached", "attached"]);
});

test("a probe that is answered in time opens nothing; on a slow way there is more time", () => {
	open();
	vi.advanceTimersByTime(400);
	wire(0).open();
	vi.advanceTimersByTime(400);
	wire(0).hear(attached());
	socket.probe();
	// A message that this page did not ask for says nothing of the way's length.
	wire(0).hear({ session: SESSION, topic: "chat", type: "typing" });
	vi.advanceTimersByTime(1_000);
	socket.probe();
	vi.advanceTimersByTime(1_199);
	wire(0).hear(pong);
	vi.advanceTimersByTime(20_000);
	expect(wires).toHaveLength(1);
	socket.probe();
	vi.advanceTimersByTime(1_199);
	expect(wires).toHaveLength(1);
	vi.advanceTimersByTime(1);
	expect(wires).toHaveLength(2);
});

test("a sign of life after all: a successor that has said nothing is dropped, one that has is kept", () => {
	open();
	wire(0).attach();
	socket.probe();
	vi.advanceTimersByTime(400);
	wire(0).hear(pong);
	expect(wires).toHaveLength(2);
	expect(wire(1).closed).not.toBeNull();
	socket.probe();
	vi.advanceTimersByTime(400);
	wire(2).open();
	wire(0).hear(pong);
	wire(2).hear(attached());
	vi.advanceTimersByTime(20_000);
	expect(wires.map(({ closed }) => closed === null)).toEqual([false, false, true]);
	expect(socket.attached).toBe(true);
});

test("a successor that takes longer than the probe takes over when it is attached", () => {
	open();
	wire(0).attach();
	socket.probe();
	vi.advanceTimersByTime(1_000);
	wire(1).open();
	vi.advanceTimersByTime(1_001);
	expect(wires).toHaveLength(2);
	expect(heard).toEqual(["attached", "waits 0"]);
	wire(1).hear(attached());
	expect(socket.attached).toBe(true);
	vi.advanceTimersByTime(20_000);
	expect(wires).toHaveLength(2);
});

test("a successor whose handshake hangs gives way to another one", () => {
	open();
	wire(0).attach();
	socket.probe();
	vi.advanceTimersByTime(2_001);
	expect(wires).toHaveLength(3);
	expect(wires.map(({ closed }) => closed === null)).toEqual([false, false, true]);
	wire(2).attach();
	expect(socket.attached).toBe(true);
});

test("a successor that opened and got no answer: it attaches on the first one again", () => {
	open();
	wire(0).attach();
	socket.probe();
	vi.advanceTimersByTime(400);
	wire(1).open();
	wire(0).hear(pong);
	wire(1).end();
	expect(wire(0).types()).toEqual(["attach", "ping", "attach"]);
	expect(socket.attached).toBe(false);
	wire(0).hear(attached());
	expect(socket.attached).toBe(true);
	expect(wires).toHaveLength(2);
});

test("a successor that was not needed changes nothing of when the next one is due", () => {
	open({ rotate_ms: 600_000 });
	wire(0).attach();
	socket.probe();
	vi.advanceTimersByTime(400);
	wire(0).hear(pong);
	expect(wires).toHaveLength(2);
	for (let second = 0; second < 500; second += 1) {
		vi.advanceTimersByTime(1_000);
		wire(0).hear(pong);
	}
	expect(wires).toHaveLength(2);
	vi.advanceTimersByTime(130_000);
	expect(wires.length).toBeGreaterThan(2);
});

test("a probe while waiting tries at once, and one in a stale handshake begins another", () => {
	open();
	wire(0).end();
	vi.advanceTimersByTime(0);
	wire(1).end();
	expect(wires).toHaveLength(2);
	socket.probe();
	expect(wires).toHaveLength(3);
	vi.advanceTimersByTime(1_000);
	socket.probe();
	expect(wires).toHaveLength(3);
	vi.advanceTimersByTime(1_000);
	socket.probe();
	expect(wires).toHaveLength(4);
});

test("reconnecting starts at once and waits longer with each try, under full jitter", () => {
	open();
	for (let tries = 0; tries < 8; tries += 1) {
		wire(-1).end();
		vi.advanceTimersByTime(5_000);
	}
	const waits = heard.filter((one) => one.startsWith("waits")).map((one) => Number(one.slice(6)));
	expect(waits).toEqual([0, 150, 300, 600, 1_200, 2_400, 2_500, 2_500]);
});

test("an attached connection resets the waiting", () => {
	open();
	wire(0).end();
	vi.advanceTimersByTime(0);
	wire(1).attach();
	wire(1).end();
	expect(heard.at(-1)).toBe("waits 0");
});

test("an open that hangs is dropped after 5 s, and so is an unanswered attach", () => {
	open();
	vi.advanceTimersByTime(5_001);
	expect(wires).toHaveLength(2);
	wire(1).open();
	vi.advanceTimersByTime(5_001);
	vi.advanceTimersByTime(5_001);
	expect(wires.length).toBeGreaterThan(2);
});

test("another version stops it", () => {
	open();
	wire(0).end(4406);
	vi.advanceTimersByTime(60_000);
	expect(wires).toHaveLength(1);
	expect(heard).toEqual(["version"]);
});

test("after flooding the page reconnects after the longest wait", () => {
	open();
	wire(0).attach();
	wire(0).end(4429);
	expect(heard.at(-1)).toBe("waits 2500");
});

const closing = (code: number): ToPage => ({ session: SESSION, topic: "session", type: "closing", code });

test("an announced close counts as its code, and the close itself does not count again", () => {
	for (const later of [1000, 1001, 1006]) {
		wires = [];
		heard = [];
		open();
		wire(0).open();
		wire(0).hear(closing(4406));
		expect(wire(0).closed).not.toBeNull();
		wire(0).end(later);
		vi.advanceTimersByTime(60_000);
		expect(wires).toHaveLength(1);
		expect(heard).toEqual(["version"]);
	}
});

test("after a close announced for flooding the page reconnects once, after the longest wait", () => {
	open();
	wire(0).attach();
	wire(0).hear(closing(4429));
	wire(0).end(1001);
	expect(heard).toEqual(["attached", "waits 2500"]);
	vi.advanceTimersByTime(2_499);
	expect(wires).toHaveLength(1);
	vi.advanceTimersByTime(1);
	expect(wires).toHaveLength(2);
	// The waiting has not grown twice.
	wire(1).end();
	expect(heard.at(-1)).toBe("waits 2500");
	vi.advanceTimersByTime(2_500);
	expect(wires).toHaveLength(3);
});

test("after a close announced on a successor the old connection goes on serving", () => {
	open({ rotate_ms: 10_000 });
	wire(0).attach();
	vi.advanceTimersByTime(10_000);
	wire(1).open();
	wire(1).hear(closing(4429));
	wire(1).end(1006);
	expect(socket.attached).toBe(true);
	expect(heard).toEqual(["attached"]);
});

test("three handshakes in a row that never open make the page check its cookie", () => {
	open();
	for (let tries = 0; tries < 3; tries += 1) {
		wire(-1).end();
		vi.advanceTimersByTime(1_000);
	}
	expect(heard).toContain("refused");
});

test("before 2 h the successor is attached first, then the old one closes, and nothing is missed between", () => {
	open({ rotate_ms: 10_000 });
	wire(0).attach();
	vi.advanceTimersByTime(10_000);
	expect(wires).toHaveLength(2);
	expect(socket.attached).toBe(true);
	socket.say({ topic: "chat", type: "typing" });
	expect(wire(0).types()).toContain("typing");
	wire(1).attach();
	socket.say({ topic: "chat", type: "typing" });
	expect(wire(1).types()).toContain("typing");
	// Late messages on the old one count, except that the page moved to its own successor.
	wire(0).hear({ session: SESSION, topic: "chat", type: "typing" });
	wire(0).hear({ session: SESSION, topic: "session", type: "moved" });
	expect(heard).toEqual(["attached", "attached", "typing"]);
	vi.advanceTimersByTime(1_001);
	expect(wire(0).closed).toBe(1000);
	expect(heard.some((one) => one.startsWith("waits"))).toBe(false);
});

test("a successor that fails leaves the old connection serving and is tried again", () => {
	open({ rotate_ms: 10_000 });
	wire(0).attach();
	vi.advanceTimersByTime(10_000);
	wire(1).end();
	expect(socket.attached).toBe(true);
	for (let s = 0; s < 60; s += 1) {
		vi.advanceTimersByTime(1_000);
		wire(0).hear(pong);
	}
	expect(wires).toHaveLength(3);
	wire(2).attach();
	expect(heard.some((one) => one.startsWith("waits"))).toBe(false);
});

test("when the old one dies while its successor is on its way, the successor takes over", () => {
	open({ rotate_ms: 10_000 });
	wire(0).attach();
	vi.advanceTimersByTime(10_000);
	wire(0).end();
	expect(wires).toHaveLength(2);
	expect(heard).toEqual(["attached", "waits 0"]);
	wire(1).attach();
	expect(heard.at(-1)).toBe("attached");
	wire(1).end();
	vi.advanceTimersByTime(0);
	expect(wires).toHaveLength(3);
});

test("nonsense from the server is ignored", () => {
	open();
	wire(0).attach();
	for (const nonsense of ["", "{", "null", "[]", '"x"', "{}"]) wire(0).hear(nonsense);
	expect(heard).toEqual(["attached"]);
});

test("a server that has forgotten the connection is attached to again on it", () => {
	open();
	wire(0).attach();
	socket.attachAgain();
	expect(wire(0).types()).toEqual(["attach", "attach"]);
	expect(socket.attached).toBe(false);
	wire(0).attach();
	expect(socket.attached).toBe(true);
});

test("a stopped socket does not come back", () => {
	open();
	wire(0).attach();
	socket.stop();
	socket.probe();
	vi.advanceTimersByTime(60_000);
	expect(wires).toHaveLength(1);
	expect(wire(0).closed).toBe(1000);
});
