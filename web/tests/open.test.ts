import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Call, Devices } from "../src/link/call";
import { createDevices } from "../src/link/media/devices";
import { openCall } from "../src/link/open";
import type { Event, FromPage, Refusal, Seat, ToPage } from "../src/wire/generated";
import { said } from "./events";
import { attached, FakeStore, FakeStream, type FakeWire, type FakeWorld, fakeWorld, SESSION } from "./fakes";

let world: FakeWorld;
let call: Call;

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const wire = (): FakeWire => {
	const found = world.wires.at(-1);
	if (found === undefined) throw new Error("no wire");
	return found;
};
const hear = (message: Record<string, unknown>) => wire().hear({ session: SESSION, ...message } as ToPage);
const events = (...all: Event[]) =>
	hear({ topic: "session", type: "events", events: all, head: all.at(-1)?.seq ?? 0, more: false });
const done = (n: number, head: number, refused?: Refusal) =>
	hear({ topic: "session", type: "done", n, head, ...(refused === undefined ? {} : { refused }) });
const numbers = () => wire().said.flatMap((one) => ("n" in one ? [one.n] : []));

function joined(seq: number, seat: Seat): Event {
	return { seq, at_ms: seq, type: "joined", seat, name: seat, video_only: false };
}

class Camera extends FakeStream {
	constructor(kind: string) {
		super();
		this.tracks = [
			Object.assign(new EventTarget(), { kind, readyState: "live", enabled: true, stop: () => undefined }),
		];
	}
	getVideoTracks = (): unknown[] => this.tracks.filter((one) => (one as { kind: string }).kind === "video");
	getAudioTracks = (): unknown[] => this.tracks.filter((one) => (one as { kind: string }).kind === "audio");
}

function newDevices(): Devices {
	return createDevices({
		seat: "customer",
		media: {
			getUserMedia: async ({ audio } = {}) =>
				new Camera(audio === undefined ? "video" : "audio") as unknown as MediaStream,
			enumerateDevices: async () => [],
		},
		meter: () => null,
	});
}

async function open(next: FakeWorld = fakeWorld()): Promise<void> {
	world = next;
	call = openCall({ session: SESSION, seat: "customer", devices: newDevices(), world });
	await tick();
}

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "Date"] });
	vi.stubGlobal("MediaStream", FakeStream);
});
afterEach(() => {
	call.close();
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

test("the call is ready when the log has reached the head of `attached`", async () => {
	await open();
	expect(call.connection.value).toEqual({ state: "connecting" });
	wire().attach({ head: 2, now_ms: Date.now() + 3_600_000 });
	expect(call.ready.value).toBe(false);
	expect(wire().last("resume")).toMatchObject({ after: 0 });
	events(said(1, "agent", "a"), said(2, "agent", "b"));
	expect(call.ready.value).toBe(true);
	expect([...call.view.value.lines].map((line) => line.text)).toEqual(["a", "b"]);
	expect(world.clock() + call.clockOffset.value).toBe(Date.now() + 3_600_000);
});

test("a long log is folded in slices, and the call is ready after the last", async () => {
	const slow = fakeWorld();
	let worked_ms = 0;
	// Each look at the clock costs a moment, as folding does.
	slow.clock = () => {
		worked_ms += 0.1;
		return performance.now() + worked_ms;
	};
	await open(slow);
	wire().attach({ head: 300 });
	const log = Array.from({ length: 300 }, (_, at) => said(at + 1, "agent", `${at + 1}`));
	events(...log);
	expect(call.view.value.lines.length).toBeGreaterThan(0);
	expect(call.view.value.lines.length).toBeLessThan(150);
	expect(call.ready.value).toBe(false);
	events(said(301, "agent", "in between"));
	for (let slices = 0; slices < 10; slices += 1) await tick(1);
	expect(call.ready.value).toBe(true);
	expect([...call.view.value.lines].map(({ seq }) => seq)).toEqual(Array.from({ length: 301 }, (_, at) => at + 1));
	// In the background timers are slow.
	slow.background = true;
	events(...log.map((event) => ({ ...event, seq: event.seq + 301 })));
	expect(call.view.value.lines.length).toBe(601);
});

test("commands made before the page knew its id are sent after attaching, one by one", async () => {
	world = fakeWorld();
	call = openCall({ session: SESSION, seat: "customer", devices: newDevices(), world });
	call.lobby("in_lobby");
	call.rename("  Ada\u0007 ");
	await tick();
	wire().attach();
	expect(wire().last("lobby")).toMatchObject({ n: 1, step: "in_lobby" });
	expect(numbers()).toEqual([1]);
	done(1, 1);
	expect(wire().last("rename")).toMatchObject({ n: 2, name: "Ada" });
});

test("joining takes the seat, and later changes of devices are sent", async () => {
	await open();
	wire().attach();
	await call.devices.startCamera();
	const join = call.join({ name: "Ada", videoOnly: false, take: false });
	expect(wire().last("join")).toMatchObject({ n: 1, name: "Ada", microphone: false, camera: true, take: false });
	expect(world.legs[0]?.carried.video).toBeNull();
	done(1, 1);
	expect(await join).toBeNull();
	expect(call.joined.value).toBe(true);
	expect(world.legs[0]?.carried.video).not.toBeNull();
	await call.setMicrophone(true);
	expect(wire().last("media")).toMatchObject({ n: 2, microphone: true, camera: true });
	done(2, 2);
	await call.setMicrophone(false);
	expect(wire().last("media")).toMatchObject({ n: 3, microphone: false, camera: true });
	expect(call.media.value).toEqual({ microphone: false, camera: true });
	expect(call.devices.microphone.value?.getAudioTracks()[0]?.enabled).toBe(false);
});

test("an answer of a second connection that is older than the seat does not take it away", async () => {
	await open();
	wire().attach({ head: 1 });
	events(joined(1, "agent"));
	const first = wire();
	call.retryNow();
	await tick(1_000);
	expect(wire()).not.toBe(first);
	wire().open();
	const join = call.join({ name: "Ada", videoOnly: false, take: true });
	const n = first.said.flatMap((one) => (one.type === "join" ? [one.n] : [])).at(-1);
	first.hear({ session: SESSION, topic: "session", type: "done", n, head: 2 } as ToPage);
	expect(await join).toBe(null);
	wire().hear(attached({ head: 1, held_elsewhere: true }));
	expect([call.joined.value, call.heldElsewhere.value, call.stop.value]).toEqual([true, false, null]);
});

test("a refused join resolves with its refusal", async () => {
	await open();
	wire().attach({ held_elsewhere: true });
	expect(call.heldElsewhere.value).toBe(true);
	const join = call.join({ name: "", videoOnly: true, take: false });
	done(1, 1, { why: "seat_taken" });
	expect(await join).toEqual({ why: "seat_taken" });
	expect(call.joined.value).toBe(false);
	expect(call.refusal.value).toBeNull();
});

test("live, weak, paused, reconnecting: the states in their order", async () => {
	await open();
	wire().attach({ head: 2, holds_seat: true, other_here: true });
	events(joined(1, "agent"), joined(2, "customer"));
	expect(call.connection.value).toEqual({ state: "connecting" });
	hear({ topic: "signaling", type: "answer", attempt: 1, sdp: "x", relay: "one" });
	await tick();
	world.legs[0]?.becomes("connected");
	world.legs[0]?.beat();
	expect(call.connection.value).toEqual({ state: "live" });
	hear({ topic: "signaling", type: "presence", paused: true });
	expect(call.connection.value).toEqual({ state: "paused", whose: "other", what: "page" });
	hear({ topic: "signaling", type: "presence", paused: true, camera: true });
	expect(call.connection.value).toEqual({ state: "paused", whose: "other", what: "camera" });
	hear({ topic: "signaling", type: "presence", paused: false });
	events({ seq: 3, at_ms: 3, type: "lost", seat: "agent" });
	expect(call.connection.value).toEqual({ state: "reconnecting", lost: "other_person", retry_in_s: 0 });
	events({ seq: 4, at_ms: 4, type: "resumed", seat: "agent" });
	expect(call.connection.value).toEqual({ state: "live" });
	await tick(3_000);
	expect(call.connection.value).toMatchObject({ state: "reconnecting", lost: "media" });
	events({ seq: 5, at_ms: 5, type: "ended", why: "agent_ended" });
	expect(call.connection.value).toEqual({ state: "ended" });
});

test("a lost socket shows after a moment, with a countdown, and what was unanswered is repeated with its number", async () => {
	await open();
	wire().attach({ holds_seat: true });
	call.say("hello");
	expect(numbers()).toEqual([1]);
	wire().end();
	expect(call.connection.value.state).toBe("connecting");
	await tick(10);
	wire().end();
	world.random = () => 1;
	await tick(1_200);
	expect(call.connection.value).toMatchObject({ state: "reconnecting", lost: "socket" });
	wire().attach({ holds_seat: true });
	expect(numbers()).toEqual([1]);
	expect([...call.view.value.lines]).toMatchObject([{ state: "sending", text: "hello" }]);
	events(said(1, "customer", "hello"));
	done(1, 1);
	expect([...call.view.value.lines]).toMatchObject([{ state: "sent", seq: 1 }]);
});

test("a refused line fails in its place, says why, and can be tried again", async () => {
	await open();
	wire().attach();
	call.say("hello");
	done(1, 0, { why: "not_joined" });
	expect(call.refusal.value).toEqual({ why: "not_joined" });
	call.dismiss();
	expect(call.refusal.value).toBeNull();
	const [line] = call.view.value.lines;
	expect(line).toMatchObject({ state: "failed", seq: null });
	call.sayAgain(line?.n ?? 0);
	expect([...call.view.value.lines]).toMatchObject([{ state: "sending", text: "hello" }]);
	expect(wire().last("say")).toMatchObject({ n: 2 });
});

test("a server that takes nothing is named as such until it does, and what waited goes out", async () => {
	await open();
	wire().attach();
	call.say("kept");
	done(1, 0, { why: "trouble" });
	expect(call.held.value).toBe(false);
	await tick(5_000);
	done(1, 0, { why: "trouble" });
	expect(call.held.value).toBe(true);
	expect([...call.view.value.lines]).toMatchObject([{ text: "kept", state: "sending" }]);
	await tick(5_000);
	done(1, 1);
	expect(call.held.value).toBe(false);
	events(said(1, "customer", "kept"));
	expect([...call.view.value.lines]).toMatchObject([{ text: "kept", state: "sent" }]);
});

test("a chat line is cleaned as the server does", async () => {
	await open();
	wire().attach();
	call.say("  \u0000 ");
	call.say("a\u0007b\nc");
	expect(wire().said.filter((one) => one.type === "say")).toMatchObject([{ text: "a b\nc" }]);
	done(1, 0);
	call.say(`${"x".repeat(1_999)}👋`);
	expect((wire().last("say") as { text: string }).text).toBe("x".repeat(1_999));
});

test("a reload goes on: same page, unanswered line, seat, and the devices that were on", async () => {
	await open();
	wire().attach();
	await call.devices.startCamera();
	void call.join({ name: "Ada", videoOnly: false, take: false });
	done(1, 1);
	call.say("on its way");
	const { page } = wire().said[0] as FromPage;
	const store = world.store;
	call.close();

	await open(fakeWorld(store));
	expect([...call.view.value.lines]).toMatchObject([{ text: "on its way", state: "sending" }]);
	wire().attach({ holds_seat: true, next_n: 3, other_here: true });
	await tick();
	expect((wire().said[0] as FromPage).page).toBe(page);
	expect(wire().last("say")).toMatchObject({ n: 2, text: "on its way" });
	expect(call.joined.value).toBe(true);
	expect(call.media.value).toEqual({ microphone: false, camera: true });
	expect(wire().last("media")).toBeUndefined();
});

test("after a reload no device is started for which the browser would ask", async () => {
	await open();
	wire().attach();
	await call.devices.startCamera();
	void call.join({ name: "Ada", videoOnly: false, take: false });
	done(1, 1);
	const store = world.store;
	call.close();
	const again = fakeWorld(store);
	again.granted = async () => false;
	await open(again);
	wire().attach({ holds_seat: true, next_n: 2 });
	await tick();
	expect(call.media.value.camera).toBe(false);
	expect(wire().last("media")).toMatchObject({ camera: false });
});

test("moved: the old page stops for good and its devices are off", async () => {
	await open();
	wire().attach({ holds_seat: true });
	await call.devices.startCamera();
	hear({ topic: "session", type: "moved" });
	expect(call.stop.value).toEqual({ why: "moved" });
	expect(call.devices.camera.value).toBeNull();
	await tick(60_000);
	expect(world.wires).toHaveLength(1);
	expect(await call.end()).toEqual({ why: "moved" });
});

test("renewed: a page whose link was taken back stops for good and says so", async () => {
	await open();
	wire().attach({ holds_seat: true });
	await call.devices.startCamera();
	hear({ topic: "session", type: "renewed" });
	expect(call.stop.value).toEqual({ why: "renewed" });
	expect(call.joined.value).toBe(false);
	expect(call.devices.camera.value).toBeNull();
	wire().end();
	await tick(60_000);
	expect(world.wires).toHaveLength(1);
});

test("a page that comes back and finds its seat taken does not fight for it", async () => {
	await open();
	wire().attach({ holds_seat: true });
	wire().end();
	await tick(10);
	wire().attach({ holds_seat: false, held_elsewhere: true });
	expect(call.stop.value).toEqual({ why: "moved" });
});

test("a page in the lobby that receives `moved` offers to move, and is not stopped", async () => {
	await open();
	wire().attach();
	events(joined(1, "customer"));
	expect(call.heldElsewhere.value).toBe(true);
	hear({ topic: "session", type: "refused", why: "moved" });
	expect(call.stop.value).toBeNull();
	// A page without the seat gets no relay; with it, it asks again at once.
	const { attempt } = wire().last("offer") as Extract<FromPage, { type: "offer" }>;
	hear({ topic: "signaling", type: "no_relay", attempt, unacceptable: false });
	const join = call.join({ name: "Ada", videoOnly: false, take: true });
	events({ seq: 2, at_ms: 2, type: "moved", seat: "customer", video_only: false });
	done(1, 2);
	expect(await join).toBeNull();
	expect(call.heldElsewhere.value).toBe(false);
	expect(wire().last("offer")).toMatchObject({ attempt: attempt + 1 });
});

test("no seat: when the server says so, or when handshakes fail and the cookie gives no seat", async () => {
	await open();
	wire().open();
	hear({ topic: "session", type: "refused", why: "no_seat" });
	expect(call.stop.value).toEqual({ why: "no_seat" });
	await open();
	world.seated = false;
	for (let tries = 0; tries < 3; tries += 1) {
		wire().end();
		await tick(500);
	}
	expect(call.stop.value).toEqual({ why: "no_seat" });
});

test("a customer without a seat leaves nothing that would happen by itself later", async () => {
	const store = new FakeStore();
	await open(fakeWorld(store));
	void call.join({ name: "Ada", videoOnly: false, take: false });
	expect([...store.kept.values()].join()).toContain("Ada");
	wire().open();
	hear({ topic: "session", type: "refused", why: "no_seat" });
	expect(store.kept.size).toBe(0);
});

test("another version reloads once, then says so", async () => {
	await open();
	wire().end(4406);
	expect(world.reloads).toBe(1);
	expect(call.stop.value).toBeNull();
	const again = fakeWorld();
	again.reloads = 1;
	await open(again);
	wire().end(4406);
	expect(call.stop.value).toEqual({ why: "version" });
});

test("a connection the server has forgotten is attached to again, and the command goes on", async () => {
	await open();
	wire().attach();
	call.say("hello");
	done(1, 0, { why: "not_attached" });
	expect(
		wire()
			.types()
			.filter((type) => type === "attach"),
	).toHaveLength(2);
	wire().attach();
	await tick(1_000);
	expect(numbers()).toEqual([1, 1]);
});

test("ending stops the devices at once; both people ending it is fine", async () => {
	await open();
	wire().attach({ holds_seat: true });
	await call.devices.startCamera();
	const end = call.end();
	expect(call.devices.camera.value).toBeNull();
	const last = numbers().at(-1) ?? 0;
	events({ seq: 1, at_ms: 1, type: "ended", why: "agent_ended" });
	done(last, 1, { why: "call_ended" });
	expect(await end).toBeNull();
	await tick(5_000);
	expect((world.store as FakeStore).kept.size).toBe(0);
	expect(call.view.value.ended?.why).toBe("agent_ended");
});

test("`end` is sent at once and alone: the devices that it stopped are not reported", async () => {
	await open();
	wire().attach();
	await call.devices.startCamera();
	void call.join({ name: "Ada", videoOnly: false, take: false });
	done(1, 1);
	const end = call.end();
	expect(call.ending.value).toBe(true);
	expect(wire().last("end")).toMatchObject({ n: 2 });
	done(2, 2);
	expect(await end).toBeNull();
	// Until the log says that the call is over, the page is still ending.
	expect(call.ending.value).toBe(true);
	events(joined(1, "customer"), { seq: 2, at_ms: 2, type: "ended", why: "customer_ended" });
	expect(call.ending.value).toBe(false);
	await tick(1_000);
	expect(wire().types()).not.toContain("media");
});

test("a call that the other person ends receives no report of this page's devices either", async () => {
	await open();
	wire().attach();
	await call.devices.startCamera();
	void call.join({ name: "Ada", videoOnly: false, take: false });
	done(1, 1);
	events(joined(1, "customer"), { seq: 2, at_ms: 2, type: "ended", why: "agent_ended" });
	expect(call.devices.camera.value).toBeNull();
	expect(await call.setCamera(true)).toBe(false);
	await tick(1_000);
	expect(wire().types()).not.toContain("media");
});

test("after `end` without a socket nothing is switched on, joined or restored; a refusal lets the call go on", async () => {
	await open();
	wire().attach();
	await call.devices.startCamera();
	void call.join({ name: "Ada", videoOnly: false, take: false });
	done(1, 1);
	wire().end();
	void call.end();
	expect(await call.setCamera(true)).toBe(false);
	expect(await call.setMicrophone(true)).toBe(false);
	expect(await call.join({ name: "Ada", videoOnly: false, take: true })).toEqual({ why: "call_ended" });
	expect(call.media.value).toEqual({ microphone: false, camera: false });
	const store = world.store;
	call.close();
	expect(call.ending.value).toBe(false);

	await open(fakeWorld(store));
	expect(call.ending.value).toBe(true);
	wire().attach({ holds_seat: true, next_n: 2 });
	await tick();
	expect(call.media.value.camera).toBe(false);
	expect(
		wire()
			.types()
			.filter((type) => type === "join" || type === "media"),
	).toEqual([]);
	expect(wire().last("end")).toMatchObject({ n: 2 });
	done(2, 1, { why: "not_joined" });
	expect(call.ending.value).toBe(false);
	expect(wire().last("media")).toMatchObject({ n: 3, camera: false });
	expect(await call.setCamera(true)).toBe(true);
});

test("media that never connects shows a state, a countdown and another try", async () => {
	await open();
	wire().attach({ head: 2, holds_seat: true, other_here: true });
	events(joined(1, "agent"), joined(2, "customer"));
	await tick();
	const attempt = () => (wire().last("offer") as { attempt: number }).attempt;
	hear({ topic: "signaling", type: "no_relay", attempt: attempt(), unacceptable: false });
	expect(call.connection.value).toEqual({ state: "connecting" });
	await tick(1_000);
	hear({ topic: "signaling", type: "no_relay", attempt: attempt(), unacceptable: true });
	expect(call.connection.value).toEqual({ state: "reconnecting", lost: "media", retry_in_s: 30 });
	await tick(10_000);
	expect(call.connection.value).toEqual({ state: "reconnecting", lost: "media", retry_in_s: 20 });
	const refused = attempt();
	call.retryNow();
	expect(attempt()).toBe(refused + 1);
	hear({ topic: "signaling", type: "answer", attempt: attempt(), sdp: "x", relay: "one" });
	await tick();
	world.legs.at(-1)?.becomes("connected");
	world.legs.at(-1)?.beat();
	expect(call.connection.value).toEqual({ state: "live" });
});

test("a name of invisible characters counts as empty", async () => {
	await open();
	wire().attach();
	call.rename(" \u200B\u202E ");
	expect(wire().types()).not.toContain("rename");
	void call.join({ name: "\uFEFF\u2066", videoOnly: false, take: false });
	expect(wire().last("join")).toMatchObject({ name: "Guest" });
});

test("the page says when it goes to the background, comes back, and goes away", async () => {
	await open();
	wire().attach({ holds_seat: true });
	world.background = true;
	world.fire.visible();
	expect(wire().last("presence")).toMatchObject({ paused: true });
	hear({ topic: "session", type: "connection", seat: "agent", here: true });
	expect(
		wire()
			.types()
			.filter((type) => type === "presence"),
	).toHaveLength(2);
	world.background = false;
	world.fire.visible();
	expect(wire().last("presence")).toMatchObject({ paused: false });
	expect(wire().types()).toContain("ping");
	world.fire.leaves();
	expect(wire().types().at(-1)).toBe("leave");
});

test("the call shows that a second page has the other person's link, and nothing else changes", async () => {
	await open();
	wire().attach({ holds_seat: true });
	hear({ topic: "session", type: "guest", seat: "customer" });
	expect(call.otherShared.value).toBe(false);
	hear({ topic: "session", type: "guest", seat: "agent" });
	expect([call.otherShared.value, call.otherHere.value]).toEqual([true, false]);
});

test("typing is sent now and then, and shown for a while", async () => {
	await open();
	wire().attach({ holds_seat: true });
	for (let keys = 0; keys < 10; keys += 1) call.typing();
	expect(
		wire()
			.types()
			.filter((type) => type === "typing"),
	).toHaveLength(1);
	hear({ topic: "chat", type: "typing" });
	expect(call.otherTyping.value).toBe(true);
	events(said(1, "agent", "there"));
	expect(call.otherTyping.value).toBe(false);
	hear({ topic: "chat", type: "typing" });
	await tick(5_001);
	expect(call.otherTyping.value).toBe(false);
});

test("a message about another session is not for this page", async () => {
	await open();
	wire().attach();
	wire().hear({ session: "b3RoZXItc2Vzc2lvbi0wMQ", topic: "session", type: "moved" });
	expect(call.stop.value).toBeNull();
});

test("a page that is far behind fetches by HTTP", async () => {
	const next = fakeWorld();
	next.log = async (_session, _page, after) => ({
		ok: true,
		value: {
			events: Array.from({ length: 300 }, (_, at) => said(after + at + 1, "agent", "x")),
			head: 600,
			more: after + 300 < 600,
		},
	});
	await open(next);
	wire().attach({ head: 600 });
	await tick(10);
	// The first half came by HTTP; what is left is little enough for the socket.
	expect(call.view.value.head).toBe(300);
	expect(wire().last("resume")).toMatchObject({ after: 300 });
});
