// What the page says of the connection, from what it counts and hears.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectionOf, type Facts } from "../src/link/connection";
import { Behind } from "../src/link/vitals/behind";
import { type Flow, FlowWatch } from "../src/link/vitals/flow";
import { isBad, Quality } from "../src/link/vitals/quality";
import { type Sample, sample } from "../src/link/vitals/sample";
import { decodeTold } from "../src/link/vitals/told";
import { EMPTY } from "../src/session/fold";
import { leaveFakeBrowser, Scene, tick, useFakeBrowser } from "./scene";

const none: Sample = {
	at_ms: 0,
	received: 0,
	lost: 0,
	heard: 0,
	sound: 0,
	made_up: 0,
	frames: 0,
	frozen_ms: 0,
	lost_there: 0,
	up_bps: null,
	camera_frames: null,
	frames_sent: 0,
	video_bytes: 0,
	coarse: 0,
	bytes: 0,
	received_bytes: 0,
	came: 0,
	trip_ms: null,
};
const around = { picture: false, camera_fps: null };

describe("a link is weak when people notice", () => {
	const watched = { picture: true };
	const sends = (frames_sent: number, camera_frames: number) => ({ frames_sent, camera_frames });
	test.each([
		["nothing flows", {}, {}, false],
		["a tenth is lost", { received: 900, lost: 100 }, {}, false],
		["more is lost", { received: 890, lost: 110 }, {}, true],
		["few packets come", { received: 5, lost: 5 }, {}, false],
		["more is lost over there", { lost_there: 0.11 }, {}, true],
		["the picture stands still", { frozen_ms: 600, frames: 60 }, watched, true],
		["the picture moves slowly", { frames: 11 }, watched, false],
		["the picture is a slide show", { frames: 9 }, watched, true],
		["no picture is expected", { frames: 0 }, {}, false],
		["the other camera gives little", { frames: 8 }, { picture: true, camera_fps: 5 }, false],
		["the other camera gives nothing", { frames: 0 }, { picture: true, camera_fps: 0 }, false],
		["the other camera gives more than comes", { frames: 4 }, { picture: true, camera_fps: 7 }, true],
		["little of the own camera goes out", sends(6, 60), {}, true],
		["half of the own camera goes out", sends(10, 60), {}, false],
		["the own camera gives little", sends(4, 5), {}, false],
		["the own camera gives nothing", sends(0, 0), {}, false],
		["a fifth of the sound is made up", { sound: 96_000, made_up: 19_200 }, {}, false],
		["more of the sound is made up", { sound: 96_000, made_up: 19_300 }, {}, true],
		["the link is narrow and carries all", { up_bps: 90_000, frames: 20 }, watched, false],
	])("%s", (_, now, what, bad) => {
		const before = { ...none, camera_frames: 0 };
		expect(isBad(before, { ...before, at_ms: 2_000, ...now }, { ...around, ...what })).toBe(bad);
	});

	test("a slide show shows within 2 s, and a good link again within 2 s", () => {
		const quality = new Quality();
		let now = { ...none };
		const run = (fps: number): number => {
			const was = quality.weak;
			for (let ms = 500; ms <= 20_000; ms += 500) {
				now = { ...now, at_ms: now.at_ms + 500, frames: now.frames + fps / 2 };
				quality.add(now, { picture: true, camera_fps: 30 });
				if (quality.weak !== was) return ms;
			}
			return Number.POSITIVE_INFINITY;
		};
		expect(run(30)).toBe(Number.POSITIVE_INFINITY);
		expect(run(3)).toBeLessThanOrEqual(2_000);
		expect(run(5.5)).toBe(Number.POSITIVE_INFINITY);
		expect(run(30)).toBeLessThanOrEqual(2_000);
	});

	test("a picture that has just been switched on is given time, and a new connection too", () => {
		const quality = new Quality();
		const look = (at_ms: number, picture: boolean): boolean => {
			quality.add({ ...none, at_ms }, { picture, camera_fps: null });
			return quality.weak;
		};
		for (let at = 0; at < 10_000; at += 500) expect(look(at, false)).toBe(false);
		for (let at = 10_000; at < 14_000; at += 500) expect(look(at, true)).toBe(false);
		expect(look(14_000, true)).toBe(true);
		quality.restart();
		expect(look(14_500, false)).toBe(true);
		for (let at = 15_000; at < 16_500; at += 500) look(at, false);
		expect(quality.weak).toBe(false);
	});
});

test("a report is summed up, and an old word of the other end is left out", () => {
	const report: [string, Record<string, unknown>][] = [
		[
			"a",
			{ type: "inbound-rtp", kind: "audio", timestamp: 9_000, packetsReceived: 50, packetsLost: 2, bytesReceived: 10 },
		],
		[
			"v",
			{
				type: "inbound-rtp",
				kind: "video",
				timestamp: 9_000,
				packetsReceived: 30,
				framesDecoded: 9,
				framesReceived: 10,
			},
		],
		["o", { type: "outbound-rtp", kind: "video", timestamp: 9_000, framesSent: 7, bytesSent: 70, headerBytesSent: 5 }],
		["r", { type: "remote-inbound-rtp", timestamp: 6_000, fractionLost: 0.5 }],
		["s", { type: "remote-inbound-rtp", timestamp: 8_000, fractionLost: 0.1 }],
		["m", { type: "media-source", kind: "video", timestamp: 9_000, frames: 12 }],
		[
			"p",
			{
				type: "candidate-pair",
				nominated: true,
				timestamp: 9_000,
				bytesReceived: 900,
				availableOutgoingBitrate: 300_000,
				currentRoundTripTime: 0.084,
			},
		],
		["x", { type: "certificate", timestamp: 9_000 }],
	];
	expect(sample(report, 5)).toMatchObject({
		at_ms: 5,
		received: 80,
		lost: 2,
		heard: 60,
		frames: 9,
		lost_there: 0.1,
		up_bps: 300_000,
		camera_frames: 12,
		frames_sent: 7,
		video_bytes: 70,
		bytes: 85,
		received_bytes: 10,
		came: 900,
		trip_ms: 84,
	});
	expect(sample([], 5)).toEqual({ ...none, at_ms: 5 });
});

describe("what comes of the other page", () => {
	/** `media` and `tells` are the moments from which they no longer come, in seconds. */
	function at(seconds: number, { media = 0, tells = 0, on = true }): Flow {
		const watch = new FlowWatch();
		let heard = 0;
		let flow: Flow = "unknown";
		for (let ms = 0; ms <= seconds * 1_000; ms += 250) {
			if (ms < media * 1_000) heard += 1;
			if (ms % 500 === 0) watch.look(ms, heard);
			if (ms % 1_000 === 0 && ms < tells * 1_000) watch.told(ms);
			flow = watch.at(ms, on);
		}
		return flow;
	}

	test.each<[string, number, Parameters<typeof at>[1], Flow]>([
		["nothing ever", 20, {}, "unknown"],
		["all flows", 20, { media: 30, tells: 30 }, "flows"],
		["a page that tells nothing", 20, { media: 30 }, "flows"],
		["a dead path, a second later", 21, { media: 20, tells: 20 }, "flows"],
		["a dead path, 2 s later", 22, { media: 20, tells: 20 }, "silent"],
		["a dead path of a page that tells nothing", 22, { media: 20 }, "silent"],
		["such a page with camera and microphone off", 30, { media: 20, on: false }, "unknown"],
		["camera and microphone off", 60, { media: 20, tells: 70, on: false }, "flows"],
		["a dead path without media", 64, { tells: 60, on: false }, "silent"],
		["two messages lost without media", 62, { tells: 60, on: false }, "quiet"],
	])("%s", (_, seconds, what, flow) => expect(at(seconds, what)).toBe(flow));

	test("a page that stood still itself learns nothing from that", () => {
		const watch = new FlowWatch();
		watch.look(0, 5);
		watch.told(0);
		expect(watch.at(500, true)).toBe("flows");
		expect(watch.at(60_000, true)).toBe("unknown");
	});

	test("a hidden page, which looks once a second, still tells a dead path", () => {
		const watch = new FlowWatch();
		let flow: Flow = "unknown";
		for (let ms = 0; ms <= 26_000; ms += 1_000) {
			watch.look(ms, Math.min(ms, 20_000) + 1);
			if (ms <= 20_000) watch.told(ms);
			flow = watch.at(ms, true);
			if (ms <= 20_000) expect(flow).toBe("flows");
		}
		expect(flow).toBe("silent");
	});

	test("what came right after a stall counts", () => {
		const watch = new FlowWatch();
		watch.told(0);
		watch.at(0, false);
		watch.told(5_000);
		expect(watch.at(5_000, false)).toBe("flows");
	});

	test.each([700, 900, 1_200, 1_500, 3_000])("nor does one that stood still for %i ms", (still_ms) => {
		const watch = new FlowWatch();
		watch.look(0, 5);
		expect(watch.at(0, true)).toBe("flows");
		watch.at(450, true);
		// Its timer comes before the messages that waited with it.
		expect(watch.at(450 + still_ms, true)).not.toBe("silent");
	});
});

describe("the words of the connection", () => {
	const well: Facts = {
		now: 10_000,
		over: false,
		ready: true,
		unattached: null,
		joined: true,
		other: { ...EMPTY.seats.agent, joined: true },
		otherHere: true,
		otherUnattached: null,
		flow: "flows",
		relayHeard: true,
		otherPaused: null,
		ownPaused: false,
		media: "connected",
		media_retry_at: null,
		weak: false,
	};
	const gone = (away: "left" | "lost") => ({ ...well.other, away });
	const socket = (ms: number) => ({ unattached: { since: well.now - ms, retry_at: well.now + 500 } });

	test.each<[string, Partial<Facts>, string]>([
		["all is well", {}, "live"],
		["bad sound or picture", { weak: true }, "weak"],
		["an older page that nothing is known of", { flow: "unknown" }, "live"],
		["a quiet moment", { flow: "quiet" }, "live"],
		["nothing of the other page, but beats", { flow: "silent" }, "reconnecting other_person"],
		["nothing at all", { flow: "silent", relayHeard: false }, "reconnecting media"],
		["the own socket gone for a moment", socket(1_100), "live"],
		["the own socket gone, sound goes on", socket(1_500), "live own"],
		["the own socket gone, sound is bad", { ...socket(1_500), weak: true }, "weak own"],
		["the own socket gone, and sound too", { ...socket(1_500), flow: "quiet" }, "reconnecting socket"],
		["the own socket gone, nothing known", { ...socket(1_500), flow: "unknown" }, "reconnecting socket"],
		["the other's socket gone for a moment", { otherHere: true, otherUnattached: 9_000 }, "live"],
		["the other's socket gone", { otherUnattached: 8_000 }, "live other"],
		["the other page counted as lost, sound goes on", { other: gone("lost"), otherHere: false }, "live other"],
		["the other page lost, and no sound", { other: gone("lost"), flow: "quiet" }, "reconnecting other_person"],
		["the other page closed", { other: gone("left") }, "reconnecting other_person"],
		["the other page is nowhere", { otherHere: false, flow: "unknown" }, "reconnecting other_person"],
		["the other page in the background", { otherPaused: "page", flow: "silent" }, "paused other"],
		["the own camera kept back", { ownPaused: true }, "paused own"],
	])("%s", (_, facts, words) => {
		const is = connectionOf({ ...well, ...facts });
		expect(
			Object.values(is)
				.filter((value) => typeof value === "string" && value !== "page" && value !== "camera")
				.join(" "),
		).toBe(words);
	});
});

describe("what the pages tell each other", () => {
	test.each([
		['{"type":"state","head":7}', { type: "state", head: 7 }],
		[
			'{"type":"state","head":7,"stills":true,"lost_percent":900,"more":1}',
			{ type: "state", head: 7, stills: true, lost_percent: 100 },
		],
		['{"type":"state","head":7,"camera_fps":-1,"down_bps":"fast","saves":1}', { type: "state", head: 7 }],
		['{"type":"state","head":4294967296}', null],
		['{"type":"state"}', null],
		['{"type":"state","head":', null],
		['{"type":"pointer"}', null],
		['["type":"state"]', null],
		[`{"type":"state","head":7,"x":"${"x".repeat(2_000)}"}`, null],
	])("%s", (text, told) => expect(decodeTold(text)).toEqual(told));

	test("a page that is behind and hears nothing from the server for 3 s tests it, and again only later", () => {
		const behind = new Behind();
		const tests = (now: number, theirs: number, heard_at = 0) => behind.tests(now, { theirs, ours: 5, heard_at });
		expect([tests(10_000, 5), tests(11_000, 6), tests(12_000, 6), tests(13_000, 6)]).toEqual([
			false,
			false,
			false,
			false,
		]);
		expect(tests(14_000, 6)).toBe(true);
		expect([tests(15_000, 7), tests(16_000, 8), tests(17_000, 9)]).toEqual([false, false, true]);
		expect([tests(20_000, 9, 19_000), tests(22_000, 9, 19_000)]).toEqual([false, true]);
		expect([tests(30_000, 5), tests(31_000, 6), tests(34_000, 6)]).toEqual([false, false, true]);
	});
});

describe("in a call", () => {
	let scene: Scene;
	beforeEach(useFakeBrowser);
	afterEach(() => {
		scene.call.close();
		leaveFakeBrowser();
	});

	const told = () => scene.leg.said.filter((text) => decodeTold(text) !== null).map((text) => decodeTold(text));
	/** The other page's sound comes for this time. */
	async function sounds(ms: number): Promise<void> {
		for (let at = 0; at < ms; at += 100) {
			packets += 5;
			await tick(100);
		}
	}
	let packets = 0;
	function hasSound(): void {
		packets = 0;
		scene.leg.pc.getStats = async () =>
			new Map([
				["a", { type: "inbound-rtp", kind: "audio", packetsReceived: packets }],
				["v", { type: "inbound-rtp", kind: "video", framesDecoded: packets }],
			]);
	}

	test("the page tells its newest event once a second", async () => {
		scene = await Scene.open("customer");
		await tick(10_000);
		expect(told().length).toBeGreaterThanOrEqual(9);
		expect(told().length).toBeLessThanOrEqual(11);
		expect(told().at(-1)).toMatchObject({ head: 3 });
		scene.happens({ type: "said", seat: "agent", text: "hello" });
		await tick(1_000);
		expect(told().at(-1)).toMatchObject({ head: 4 });
	});

	test("the next connection is made for what the browser found this one to carry", async () => {
		scene = await Scene.open("customer");
		const { leg } = scene;
		leg.pc.getStats = async () =>
			new Map([["p", { type: "candidate-pair", nominated: true, availableOutgoingBitrate: 120_000 }]]);
		await tick(2_000);
		leg.becomes("failed");
		await tick(2_000);
		expect(scene.world.legs.map(({ thin }) => thin)).toEqual([false, true]);
	});

	test("a dead path beyond the relay shows within 2 s, and the other page's return at once", async () => {
		scene = await Scene.open("agent");
		hasSound();
		await sounds(5_000);
		expect(scene.call.connection.value).toEqual({ state: "live" });
		await tick(2_000);
		expect(scene.call.connection.value).toMatchObject({ state: "reconnecting", lost: "other_person" });
		await sounds(1_000);
		expect(scene.call.connection.value).toEqual({ state: "live" });
	});

	test("a socket that is lost while sound goes on leaves the call live, and says so", async () => {
		scene = await Scene.open("agent");
		hasSound();
		await sounds(5_000);
		const dead = scene.wire;
		scene.world.connect = () => dead;
		dead.end();
		await sounds(2_000);
		expect(scene.call.connection.value).toEqual({ state: "live", signalling: "own" });
		await sounds(20_000);
		expect(scene.call.connection.value).toEqual({ state: "live", signalling: "own" });
		await tick(2_000);
		expect(scene.call.connection.value).toMatchObject({ state: "reconnecting" });
	});

	test("the other page's word of a newer log makes this page test a server that is silent", async () => {
		scene = await Scene.open("agent");
		await tick(1_000);
		scene.lives = false;
		const { wire } = scene;
		const pings = () => wire.types().filter((type) => type === "ping").length;
		const before = pings();
		for (let second = 0; second < 4; second += 1) {
			scene.leg.beat();
			scene.leg.hears.text('{"type":"state","head":4}');
			await tick(500);
			scene.leg.beat();
			await tick(500);
		}
		expect(pings()).toBe(before + 1);
	});
});
