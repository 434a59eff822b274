import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Leg } from "../src/link/media/leg";
import { beatOf } from "../src/link/media/leg";
import { Peer } from "../src/link/media/peer";
import { SDP_BYTES_MAX, type SignalingSays } from "../src/wire/generated";
import { FakeLeg, FakeStream } from "./fakes";

let legs: FakeLeg[];
let said: SignalingSays[];
let probes: number;
let socket: boolean;
let peer: Peer;

const leg = (at: number): FakeLeg => {
	const found = legs.at(at);
	if (found === undefined) throw new Error(`no leg ${at}`);
	return found;
};
const offers = () => said.filter((one) => one.type === "offer");
const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
	vi.stubGlobal("MediaStream", FakeStream);
	legs = [];
	said = [];
	probes = 0;
	socket = true;
	peer = new Peer({
		makeLeg(hears) {
			const made = new FakeLeg(hears);
			legs.push(made);
			return made as unknown as Leg;
		},
		say(says) {
			if (socket) said.push(says);
			return socket;
		},
		probe: () => (probes += 1),
		clock: () => performance.now(),
		random: () => 0.5,
		attempted: () => undefined,
	});
});
afterEach(() => {
	peer.stop();
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

/** Offered, answered, connected. */
async function connect(): Promise<void> {
	peer.start(0);
	await tick(0);
	peer.heard({ type: "answer", attempt: offers().at(-1)?.attempt ?? 0, sdp: "answer", relay: "one" });
	await tick(0);
	leg(-1).becomes("connected");
}

async function beats(seconds: number, more: { speaks?: boolean } = {}): Promise<void> {
	for (let half = 0; half < seconds * 2; half += 1) {
		leg(-1).beat(more);
		await tick(500);
	}
}

test("one offer is sent, numbered on from before the reload", async () => {
	peer.start(7);
	await tick(0);
	expect(said).toEqual([{ type: "offer", attempt: 8, sdp: "offer" }]);
});

test("the offer goes with the first message of a socket, and not twice", async () => {
	socket = false;
	expect(peer.waitingOffer()).toBeNull();
	peer.start(0);
	await tick(100);
	socket = true;
	expect(peer.waitingOffer()).toEqual({ attempt: 2, sdp: "offer" });
	peer.socketAttached(2);
	await tick(900);
	expect(offers()).toEqual([]);
	peer.heard({ type: "answer", attempt: 2, sdp: "answer", relay: "one" });
	await tick(0);
	leg(-1).becomes("connected");
	expect(peer.state.value).toBe("connected");
	expect(peer.waitingOffer()).toBeNull();
});

test("an offer that went with the first message is repeated without an answer", async () => {
	socket = false;
	peer.start(0);
	await tick(100);
	socket = true;
	peer.waitingOffer();
	peer.socketAttached(2);
	await tick(1_100);
	expect(offers().map(({ attempt }) => attempt)).toEqual([3]);
});

test.each([
	["a server of the version before gets it by itself", undefined],
	["an answer about an earlier one does not count", 1],
])("the offer that went with the first message: %s", async (_, offered) => {
	socket = false;
	peer.start(0);
	await tick(100);
	socket = true;
	peer.waitingOffer();
	peer.socketAttached(offered);
	expect(offers().map(({ attempt }) => attempt)).toEqual([3]);
});

test("an offer that finds no socket is sent when one is attached", async () => {
	socket = false;
	peer.start(0);
	await tick(3_000);
	socket = true;
	peer.socketAttached();
	expect(offers()).toHaveLength(1);
});

test("unanswered for 1 s the offer is repeated, avoiding the relay that did not answer, with growing patience", async () => {
	peer.start(0);
	await tick(0);
	peer.heard({ type: "offered", attempt: 1, relay: "slow" });
	await tick(999);
	expect(offers()).toHaveLength(1);
	await tick(2);
	expect(offers().at(-1)).toEqual({ type: "offer", attempt: 2, sdp: "offer", avoid: "slow" });
	await tick(1_990);
	expect(offers()).toHaveLength(2);
	await tick(20);
	expect(offers()).toHaveLength(3);
});

test("only the answer to the newest attempt is taken", async () => {
	peer.start(0);
	await tick(1_001);
	peer.heard({ type: "answer", attempt: 1, sdp: "late", relay: "slow" });
	expect(leg(0).answered).toBe(false);
	peer.heard({ type: "answer", attempt: 2, sdp: "good", relay: "one" });
	await tick(0);
	expect(leg(0).answered).toBe(true);
	await tick(5_000);
	expect(offers()).toHaveLength(2);
});

test("no relay: another try after a while; an offer that is not acceptable waits long", async () => {
	peer.start(0);
	await tick(0);
	peer.heard({ type: "no_relay", attempt: 1, unacceptable: false });
	expect(peer.retryAt.value).not.toBeNull();
	await tick(1_500);
	expect(offers().length).toBeGreaterThan(1);
	peer.heard({ type: "no_relay", attempt: offers().at(-1)?.attempt ?? 0, unacceptable: true });
	expect(peer.trouble.value).toBe("unknown");
	const before = offers().length;
	await tick(20_000);
	expect(offers()).toHaveLength(before);
});

test("an offer that is too long for a message is not sent, and the page says why", async () => {
	const offer = vi.spyOn(FakeLeg.prototype, "offer").mockImplementation(async function (this: FakeLeg) {
		this.sdp = "x".repeat(SDP_BYTES_MAX + 1);
	});
	peer.start(0);
	peer.setJoined(true);
	await tick(0);
	expect(peer.trouble.value).toBe("too_long");
	expect(peer.state.value).toBe("lost");
	await tick(60_000);
	expect(offers()).toEqual([]);
	offer.mockRestore();
});

test("a refused offer says why, until one is answered; beats tell a format that one browser lacks", async () => {
	peer.start(0);
	await tick(0);
	peer.heard({ type: "no_relay", attempt: 1, unacceptable: true, fault: "simulcast" });
	expect(peer.trouble.value).toBe("simulcast");
	await tick(30_001);
	peer.heard({ type: "answer", attempt: 2, sdp: "answer", relay: "one" });
	expect(peer.trouble.value).toBeNull();
	await tick(0);
	leg(-1).becomes("connected");
	const beat = { beat: 1, speaks: true, other_here: true };
	for (const [news, trouble] of [
		[{ undecodable: true }, "undecodable"],
		[{ unseen: true }, "unseen"],
		[{}, null],
	] as const) {
		leg(-1).hears.beat(leg(-1) as unknown as Leg, { ...beat, ...news });
		expect(peer.trouble.value).toBe(trouble);
	}
});

test("a page that the relay let go hears what it did, until it is back", async () => {
	await connect();
	peer.heard({ type: "gone", relay: "one", why: "messages" });
	expect(peer.trouble.value).toBe("messages");
	leg(-1).hears.beat(leg(-1) as unknown as Leg, { beat: 9, speaks: true, other_here: true });
	expect(peer.trouble.value).toBeNull();
	peer.heard({ type: "gone", relay: "one" });
	expect(peer.trouble.value).toBeNull();
});

test("a leg with beats stays connected", async () => {
	await connect();
	expect(peer.state.value).toBe("connected");
	expect(peer.remote.value?.getTracks()).toEqual([leg(0).audioTrack, leg(0).videoTrack]);
	await beats(30);
	expect(legs).toHaveLength(1);
	expect(probes).toBe(0);
});

test("2 s without a beat: the socket is probed at once; when it lives, a new leg is made", async () => {
	await connect();
	await beats(12);
	await tick(1_000);
	expect(probes).toBe(0);
	await tick(1_000);
	expect(peer.state.value).toBe("lost");
	expect(probes).toBe(1);
	expect(legs).toHaveLength(1);
	peer.socketHeard();
	await tick(250);
	expect(legs).toHaveLength(2);
	expect(offers()).toHaveLength(2);
});

test("a connection over which anything comes is not lost for want of beats, but for 10 s", async () => {
	await connect();
	for (let ms = 0; ms < 9_500; ms += 250) {
		leg(0).came_at = performance.now();
		await tick(250);
	}
	expect(peer.state.value).toBe("connected");
	expect(probes).toBe(0);
	for (let ms = 0; ms < 1_000; ms += 250) {
		leg(0).came_at = performance.now();
		await tick(250);
	}
	expect(peer.state.value).toBe("lost");
	expect(probes).toBe(1);
});

test("a link that was down altogether and comes back needs no new leg", async () => {
	await connect();
	await beats(12);
	await tick(3_000);
	expect(peer.state.value).toBe("lost");
	leg(0).beat();
	await tick(250);
	expect(peer.state.value).toBe("connected");
	peer.socketHeard();
	await tick(1_000);
	expect(legs).toHaveLength(1);
});

/** The page hears nothing over its leg, and makes another one. */
async function replace(relay: string): Promise<void> {
	peer.replace(leg(-1) as unknown as Leg);
	await tick(0);
	peer.heard({ type: "answer", attempt: offers().at(-1)?.attempt ?? 0, sdp: "answer", relay });
	await tick(0);
	leg(-1).becomes("connected");
}

/** What the page plays: from which leg. */
function played(): { sound: number; picture: number } {
	const tracks: unknown[] = peer.remote.value?.getTracks() ?? [];
	expect(tracks).toHaveLength(2);
	return {
		sound: legs.findIndex((one) => tracks.includes(one.audioTrack)),
		picture: legs.findIndex((one) => tracks.includes(one.videoTrack)),
	};
}

test("the old picture stays until the new leg's first frame, and sound moves at once", async () => {
	await connect();
	await beats(12);
	await replace("one");
	expect(played()).toEqual({ sound: 1, picture: 0 });
	await beats(1);
	expect(leg(0).closed).toBe(false);
	leg(1).decoded = 1;
	const stream = peer.remote.value;
	await beats(1);
	expect(leg(0).closed).toBe(true);
	expect(peer.remote.value).toBe(stream);
	expect(played()).toEqual({ sound: 1, picture: 1 });
	expect(peer.remotePicture.value).toBe(true);
});

test("at another relay sound waits for the other person, unless nothing comes over the old leg", async () => {
	await connect();
	await beats(12);
	await replace("two");
	expect(played()).toEqual({ sound: 0, picture: 0 });
	leg(1).decoded = 1;
	await beats(12);
	expect(played()).toEqual({ sound: 1, picture: 1 });
	await tick(2_500);
	peer.socketHeard();
	await tick(500);
	peer.heard({ type: "answer", attempt: 3, sdp: "answer", relay: "three" });
	await tick(0);
	leg(2).becomes("connected");
	expect(played()).toEqual({ sound: 2, picture: 1 });
});

test("of two new legs in a row the picture stays that was seen", async () => {
	await connect();
	leg(0).decoded = 1;
	await beats(12);
	await replace("one");
	await beats(1);
	await replace("one");
	expect([leg(0).closed, leg(1).closed]).toEqual([false, true]);
	expect(played()).toEqual({ sound: 2, picture: 0 });
	leg(2).decoded = 1;
	await beats(1);
	expect(leg(0).closed).toBe(true);
	expect(played()).toEqual({ sound: 2, picture: 2 });
});

test("without a picture the new leg's tracks are shown after a while", async () => {
	await connect();
	await beats(12);
	leg(0).becomes("failed");
	await tick(250);
	peer.heard({ type: "answer", attempt: 2, sdp: "answer", relay: "two" });
	await tick(0);
	leg(1).becomes("connected");
	await beats(5);
	expect(leg(0).closed).toBe(true);
});

test("a failed connection is replaced at once", async () => {
	await connect();
	await beats(12);
	leg(0).becomes("failed");
	await tick(0);
	expect(legs).toHaveLength(2);
});

test("legs that fail at once, as on a network that the browser does not know yet, are soon replaced, but not for ever", async () => {
	await connect();
	await beats(12);
	leg(0).becomes("failed");
	const made: number[] = [];
	for (let ms = 0; ms < 30_000; ms += 50) {
		await tick(50);
		if (legs.length === made.length + 1) continue;
		made.push(ms);
		peer.heard({ type: "answer", attempt: offers().at(-1)?.attempt ?? 0, sdp: "answer", relay: "two" });
		await tick(0);
		leg(-1).becomes("failed");
	}
	expect(made.filter((ms) => ms < 2_500).length).toBeGreaterThanOrEqual(5);
	expect(made.filter((ms) => ms > 10_000).length).toBeLessThanOrEqual(4);
});

test("an answered leg that does not connect is dropped", async () => {
	peer.start(0);
	await tick(0);
	peer.heard({ type: "answer", attempt: 1, sdp: "answer", relay: "one" });
	await tick(6_500);
	expect(leg(0).closed).toBe(true);
	expect(legs).toHaveLength(2);
});

test("`gone` counts when the beats stop, not while they come", async () => {
	await connect();
	await beats(12);
	peer.heard({ type: "gone", relay: "one" });
	await beats(3);
	expect(legs).toHaveLength(1);
	peer.heard({ type: "gone", relay: "one" });
	await tick(1_000);
	expect(legs).toHaveLength(2);
	peer.heard({ type: "gone", relay: "another" });
	expect(leg(0).closed).toBe(false);
});

test("a `gone` that names another relay is not about this page", async () => {
	peer.start(0);
	await tick(0);
	peer.heard({ type: "offered", attempt: 1, relay: "one" });
	peer.heard({ type: "gone", relay: "old" });
	peer.heard({ type: "answer", attempt: 1, sdp: "answer", relay: "one" });
	await tick(0);
	peer.heard({ type: "gone", relay: "old" });
	expect(leg(0).closed).toBe(false);
	leg(0).becomes("connected");
	await beats(12);
	peer.heard({ type: "gone", relay: "old" });
	// Longer than `gone` waits for a beat, shorter than silence.
	await tick(1_250);
	expect(peer.state.value).toBe("connected");
	expect(legs).toHaveLength(1);
});

test("a room that moves once before media flowed is not shown, one that keeps moving is lost", async () => {
	peer.setJoined(true);
	peer.start(0);
	for (const state of ["connecting", "lost"]) {
		await tick(2_000);
		peer.heard({ type: "answer", attempt: offers().at(-1)?.attempt ?? 0, sdp: "answer", relay: "one" });
		await tick(0);
		const before = leg(-1);
		peer.heard({ type: "gone", relay: "one" });
		expect(before.closed).toBe(true);
		expect(peer.state.value).toBe(state);
	}
});

test("a first leg that does not connect is lost, with a countdown to the next one", async () => {
	peer.setJoined(true);
	peer.start(0);
	for (let tries = 0; tries < 4; tries += 1) {
		await tick(0);
		peer.heard({ type: "answer", attempt: offers().at(-1)?.attempt ?? 0, sdp: "answer", relay: "one" });
		await tick(0);
		leg(-1).becomes("failed");
		await tick(250);
		if (tries < 3) peer.retryNow();
	}
	expect(peer.state.value).toBe("lost");
	expect(peer.retryAt.value).toBeGreaterThan(performance.now());
	const before = legs.length;
	peer.retryNow();
	expect(legs).toHaveLength(before + 1);
	expect(peer.retryAt.value).toBeNull();
	await tick(0);
	peer.heard({ type: "answer", attempt: offers().at(-1)?.attempt ?? 0, sdp: "answer", relay: "one" });
	await tick(0);
	leg(-1).becomes("connected");
	expect(peer.state.value).toBe("connected");
});

test("a first leg that is answered and stays silent is lost after a while", async () => {
	peer.setJoined(true);
	peer.start(0);
	await tick(0);
	peer.heard({ type: "answer", attempt: 1, sdp: "answer", relay: "one" });
	await tick(5_900);
	expect(peer.state.value).toBe("connecting");
	await tick(200);
	expect(peer.state.value).toBe("lost");
});

test("one refusal or repeat is not shown, more of them are lost media", async () => {
	peer.setJoined(true);
	peer.start(0);
	await tick(0);
	peer.heard({ type: "no_relay", attempt: 1, unacceptable: false });
	expect(peer.state.value).toBe("connecting");
	await tick(750);
	peer.heard({ type: "no_relay", attempt: 2, unacceptable: false });
	expect(peer.state.value).toBe("lost");
	expect(peer.retryAt.value).toBeGreaterThan(performance.now());
});

test("offers without an answer are lost media, with a socket", async () => {
	peer.setJoined(true);
	socket = false;
	peer.start(0);
	await tick(60_000);
	expect(peer.state.value).toBe("connecting");
	socket = true;
	peer.socketAttached();
	await tick(2_900);
	expect(peer.state.value).toBe("connecting");
	await tick(200);
	expect(peer.state.value).toBe("lost");
});

test("an offer that cannot be accepted is lost media at once", async () => {
	peer.setJoined(true);
	peer.start(0);
	await tick(0);
	peer.heard({ type: "no_relay", attempt: 1, unacceptable: true });
	expect(peer.state.value).toBe("lost");
});

test("refusals of a guest's offers do not count after joining", async () => {
	peer.start(0);
	for (let tries = 0; tries < 5; tries += 1) {
		await tick(0);
		peer.heard({ type: "no_relay", attempt: offers().at(-1)?.attempt ?? 0, unacceptable: false });
		if (tries < 4) await tick(6_000);
	}
	expect(peer.state.value).toBe("connecting");
	const before = offers().length;
	peer.setJoined(true);
	expect(offers()).toHaveLength(before + 1);
	expect(peer.state.value).toBe("connecting");
});

test("legs that never serve are made at a slower and slower pace", async () => {
	peer.start(0);
	for (let seconds = 0; seconds < 60; seconds += 1) {
		await tick(1_000);
		leg(-1).becomes("failed");
	}
	expect(legs.length).toBeLessThan(16);
});

test("before joining no leg carries the devices' tracks; afterwards every leg does", async () => {
	const tracks = { audio: { kind: "audio" }, video: { kind: "video" } } as unknown as Parameters<Peer["setTracks"]>[0];
	peer.setTracks(tracks);
	await connect();
	expect(leg(0).carried).toEqual({ audio: null, video: null });
	peer.setJoined(true);
	expect(leg(0).carried).toBe(tracks);
	await beats(12);
	leg(0).becomes("failed");
	await tick(0);
	expect(leg(1).carried).toBe(tracks);
	peer.setJoined(false);
	expect(leg(1).carried).toEqual({ audio: null, video: null });
});

test("a relay that still takes a joined page for a guest is asked to promote it again, not too often", async () => {
	await connect();
	await beats(2, { speaks: false });
	expect(said.some((one) => one.type === "promote")).toBe(false);
	peer.setJoined(true);
	await beats(0.5, { speaks: false });
	expect(said.some((one) => one.type === "promote")).toBe(false);
	await beats(5, { speaks: false });
	expect(said.filter((one) => one.type === "promote").length).toBeGreaterThanOrEqual(2);
	expect(said.filter((one) => one.type === "promote").length).toBeLessThanOrEqual(3);
});

test("a stopped peer makes and sends nothing more", async () => {
	await connect();
	peer.stop();
	const before = said.length;
	await tick(60_000);
	expect(said).toHaveLength(before);
	expect(leg(0).closed).toBe(true);
});

test("a beat is read from bytes only: strings are the other person's", () => {
	const bytes = new TextEncoder().encode('{"beat":9,"speaks":true,"other_here":false}');
	expect(beatOf(bytes.buffer)).toEqual({ beat: 9, speaks: true, other_here: false });
	for (const nonsense of [
		"x",
		new ArrayBuffer(0),
		new TextEncoder().encode("{").buffer,
		new TextEncoder().encode("{}").buffer,
	]) {
		expect(beatOf(nonsense)).toBeNull();
	}
});
