// Each golden sample of the wire is decoded here as Rust decodes it there.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { beatOf } from "../src/link/media/leg";
import { apply, EMPTY } from "../src/session/fold";
import {
	type Calls,
	CLOSE_FLOOD,
	CLOSE_VERSION,
	type Event,
	type FromPage,
	type Ink,
	type InviteSecret,
	LABEL_TEXT_MAX,
	LINE_PLACE_MAX,
	LINE_POINTS_MAX,
	type Line,
	type Log,
	type Look,
	type Me,
	type NumberReading,
	type Object as Kept,
	type Passing,
	type Point,
	type Pressure,
	type ReadNumber,
	type ShownCode,
	type StartCall,
	STEP_MAX,
	STROKES_MAX,
	type ToPage,
	UPLOAD_BYTES_MAX,
	type Upload,
	ZOOM_MAX,
} from "../src/wire/generated";

const SAMPLES = new URL("../../wire/samples/", import.meta.url);

function samples(kind: string): [string, unknown][] {
	const folder = new URL(`${kind}/`, SAMPLES);
	return readdirSync(folder).map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), "utf8"))]);
}

const ID = /^[A-Za-z0-9_-]{22}$/;
const number = (value: unknown): boolean => Number.isSafeInteger(value);
const upTo = (value: number, max: number): boolean => number(value) && value >= 0 && value <= max;
const isPlace = ([x, y]: Point): boolean => upTo(x, 65535) && upTo(y, 65535);

function isLine(line: Line, pressure?: Pressure): boolean {
	const places = line.every((one) => upTo(one, 65535)) && line.length % 2 === 0 && line.length >= 2;
	return places && line.length / 2 <= LINE_POINTS_MAX && (pressure ?? []).every((one) => upTo(one, 255));
}

function isInk(ink: Ink): boolean {
	switch (ink.tool) {
		case "pen":
			return isLine(ink.line, ink.pressure);
		case "arrow":
		case "circle":
		case "box":
			return isPlace(ink.from) && isPlace(ink.to);
		case "text":
			return isPlace(ink.at) && ink.text.length >= 1 && ink.text.length <= LABEL_TEXT_MAX;
		case "step":
			return isPlace(ink.at) && upTo(ink.number, STEP_MAX);
	}
}

function isPassing(passing: Passing): boolean {
	switch (passing.type) {
		case "ink": {
			const named = [passing.picture, passing.mark, passing.step].every(number);
			if (passing.tool !== "pen") return named && isPlace(passing.from) && isPlace(passing.to);
			return named && upTo(passing.start, LINE_PLACE_MAX) && isLine(passing.line, passing.pressure);
		}
		case "compose":
			return number(passing.picture);
		case "dropped":
			return number(passing.picture) && number(passing.mark);
		case "pointer":
			return (
				(passing.picture === undefined || number(passing.picture)) && (passing.at === undefined || isPlace(passing.at))
			);
	}
}

function isUpload(upload: Upload): boolean {
	switch (upload.kind) {
		case "sharp":
			return number(upload.picture) && upTo(upload.attempt, 255);
		case "quick":
			return number(upload.picture);
		case "sent":
			return number(upload.picture) && number(upload.through);
	}
}

const isKept = (object: Kept): boolean => number(object.picture) && (object.of === "base" || number(object.through));

const inkOfOne = ({ n, picture }: { n?: number; picture: number }): unknown[] => [n, picture].map(number);

/**
 * What a message of a page must carry, by topic and type: a word more or less in the generated
 * types fails to compile.
 */
const SAID: { [K in FromPage as `${K["topic"]} ${K["type"]}`]: (message: K) => unknown[] } = {
	"session attach": ({ seat }) => [seat === "agent" || seat === "customer"],
	"session ping": () => [],
	"session resume": ({ after }) => [number(after)],
	"session lobby": ({ n, step }) => [number(n), typeof step === "string"],
	"session rename": ({ n, name }) => [number(n), typeof name === "string"],
	"session join": ({ n, name, video_only, microphone, camera, take }) => [
		number(n),
		typeof name === "string",
		...[video_only, microphone, camera, take].map((one) => typeof one === "boolean"),
	],
	"session media": ({ n, microphone, camera }) => [
		number(n),
		typeof microphone === "boolean",
		typeof camera === "boolean",
	],
	"session zone": ({ n, utc_offset_min }) => [number(n), upTo(Math.abs(utc_offset_min), 14 * 60)],
	"session leave": () => [],
	"session cancel": ({ n }) => [number(n)],
	"session end": ({ n }) => [number(n)],
	"signaling offer": ({ attempt, sdp, avoid }) => [
		number(attempt),
		sdp.includes("\r\n"),
		avoid === undefined || ID.test(avoid),
	],
	"signaling promote": () => [],
	"signaling presence": ({ paused }) => [typeof paused === "boolean"],
	"chat say": ({ n, text }) => [number(n), typeof text === "string"],
	"chat typing": () => [],
	"annotation draw": ({ n, picture, strokes }) => [
		...[n, picture, ...strokes.map((one) => one.mark)].map(number),
		strokes.length >= 1 && strokes.length <= STROKES_MAX,
		...strokes.map(isInk),
	],
	"annotation undo": inkOfOne,
	"annotation undo_all": inkOfOne,
	"annotation redo": inkOfOne,
	"annotation clear": inkOfOne,
	"annotation passing": ({ passing }) => [isPassing(passing)],
	"screenshots capture": ({ n }) => [number(n)],
	"screenshots bring": ({ n }) => [number(n)],
	"screenshots capture_again": ({ n, picture }) => [n, picture].map(number),
	"screenshots capture_failed": ({ n, picture, why }) => [number(n), number(picture), typeof why === "string"],
	"screenshots slot": ({ upload, bytes }) => [isUpload(upload), upTo(bytes, UPLOAD_BYTES_MAX)],
	"screenshots uploaded": ({ n, upload }) => [number(n), isUpload(upload)],
	"screenshots send": ({ n, picture, through }) => [n, picture, through].map(number),
	"screenshots delete": ({ n, picture }) => [n, picture].map(number),
	"screenshots open": ({ n, picture }) => [n, picture].map(number),
	"screenshots close": ({ n, picture }) => [n, picture].map(number),
	"guest switch_off": ({ device }) => [["microphone", "camera", "torch"].includes(device)],
	"guest zoom": ({ zoom }) => [upTo(zoom, ZOOM_MAX)],
	"guest ask": ({ wish }) => [["microphone", "camera", "flip", "torch", "location"].includes(wish)],
	"guest answer": ({ asked, answer }) => [number(asked), typeof answer === "string"],
	"guest locate": ({ asked, place }) => [
		number(asked),
		Math.abs(place.latitude_e5) <= 9_000_000,
		Math.abs(place.longitude_e5) <= 18_000_000,
		number(place.accuracy_m),
	],
	"screenshots view": ({ object }) => [isKept(object)],
};

const HEARD: { [K in ToPage as `${K["topic"]} ${K["type"]}`]: (message: K) => unknown[] } = {
	"session attached": ({ head, now_ms, holds_seat, held_elsewhere, next_n, other_here }) => [
		...[head, now_ms, next_n].map(number),
		...[holds_seat, held_elsewhere, other_here].map((one) => typeof one === "boolean"),
	],
	"session pong": ({ head, now_ms }) => [number(head), number(now_ms)],
	"session events": ({ events, head, more }) => [Array.isArray(events), number(head), typeof more === "boolean"],
	"session done": ({ n, head, refused }) => [
		number(n),
		number(head),
		refused === undefined || typeof refused.why === "string",
	],
	"session refused": ({ why }) => [typeof why === "string"],
	"session renewed": () => [],
	"session moved": () => [],
	"session closing": ({ code }) => [code === CLOSE_VERSION || code === CLOSE_FLOOD],
	"session connection": ({ seat, here }) => [seat === "agent" || seat === "customer", typeof here === "boolean"],
	"session guest": ({ seat }) => [seat === "agent" || seat === "customer"],
	"signaling answer": ({ attempt, sdp, relay }) => [number(attempt), sdp.length > 0, ID.test(relay)],
	"signaling offered": ({ attempt, relay }) => [number(attempt), ID.test(relay)],
	"signaling no_relay": ({ attempt, unacceptable }) => [number(attempt), typeof unacceptable === "boolean"],
	"signaling gone": ({ relay }) => [ID.test(relay)],
	"signaling presence": ({ paused }) => [typeof paused === "boolean"],
	"chat typing": () => [],
	"annotation passing": ({ passing }) => [isPassing(passing)],
	"screenshots slot": ({ upload, url, headers }) => [
		isUpload(upload),
		URL.canParse(url),
		headers.every(([name, value]) => typeof name === "string" && typeof value === "string"),
	],
	"screenshots no_slot": ({ upload, refusal }) => [isUpload(upload), typeof refusal.why === "string"],
	"screenshots link": ({ object, url, expires_at_ms }) => [isKept(object), URL.canParse(url), number(expires_at_ms)],
	"screenshots no_link": ({ object, refusal }) => [isKept(object), typeof refusal.why === "string"],
};

/** The strokes of the sample log, in its order. */
const TOOLS = ["pen", "pen", "arrow", "circle", "box", "text", "step"];

function checkAll(kind: string, table: object, more: (message: Record<string, unknown>) => void): void {
	const checks = table as Record<string, (message: unknown) => unknown[]>;
	const seen = new Set<string>();
	for (const [name, sample] of samples(kind)) {
		const message = sample as Record<string, unknown>;
		const key = `${message.topic} ${message.type}`;
		seen.add(key);
		expect(checks[key], `${name}: ${key}`).toBeDefined();
		expect(
			checks[key]?.(message).every((one) => one === true),
			name,
		).toBe(true);
		more(message);
	}
	expect([...seen].sort(), `every message has a sample in ${kind}`).toEqual(Object.keys(checks).sort());
}

test("every message of a page has a sample that is what its type says", () => {
	checkAll("from_page", SAID, (message) => {
		expect(message.session).toMatch(ID);
		expect(message.page).toMatch(ID);
	});
});

test("every message to a page has a sample that is what its type says", () => {
	checkAll("to_page", HEARD, (message) => {
		// Neither is about a session when it is said to a connection that named none.
		if (message.type !== "refused" && message.type !== "closing") expect(message.session).toMatch(ID);
	});
});

test("the sample of a log is folded, each event with an effect of its own", () => {
	for (const [name, sample] of samples("to_page").filter(([file]) => file.startsWith("session_events"))) {
		let view = EMPTY;
		for (const event of (sample as { events: Event[] }).events) {
			const next = apply(view, event);
			expect(next, `${name}: ${event.type}`).not.toBeNull();
			// `moved` of a seat that is here changes nothing but the head.
			if (event.type !== "moved")
				expect({ ...next, head: 0 }, `${name}: ${event.type}`).not.toEqual({ ...view, head: 0 });
			if (event.type === "drawn") expect(isInk(event.stroke), `${name}: ${event.stroke.tool}`).toBe(true);
			if (event.type === "cleared") expect(view.pictures[0]?.strokes.map((one) => one.stroke.tool)).toEqual(TOOLS);
			view = next ?? view;
		}
		if (name === "session_events_agent.json") {
			expect(view).toMatchObject({
				head: 16,
				number: "+4915112345678",
				reference: "CASE-00042",
				ended: { why: "agent_ended" },
			});
			expect(view.sms.map((one) => one.outcome)).toEqual(["accepted", "opted_out"]);
		} else if (name === "session_events_pictures.json") {
			expect(view).toMatchObject({ head: 23, utc_offset_min: 60, pictures: [], board: null });
			expect([...view.lines].map((line) => line.picture)).toEqual([
				{ picture: 6, through: 18, width: 1920, height: 1080 },
			]);
		} else expect(view).toMatchObject({ agent_name: "Grace", number: null, reference: null });
	}
});

test("beats are read from the relay's bytes", () => {
	for (const [name, sample] of samples("beat")) {
		expect(beatOf(new TextEncoder().encode(JSON.stringify(sample)).buffer), name).toEqual(sample);
	}
});

test("bodies of the HTTP API are what their types say", () => {
	const one = <T>(kind: string): T => samples(kind)[0]?.[1] as T;
	const { secret } = one<{ secret: InviteSecret }>("api_link_secret");
	expect(secret).toMatch(ID);
	const shown = one<ShownCode>("api_shown_code");
	expect(shown.code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
	expect(samples("api_link_secret")[1]?.[1]).toEqual({ code: shown.code });
	for (const [, look] of samples("api_look") as [string, Look][]) {
		expect(["valid", "expired", "cancelled", "ended"]).toContain(look.state);
		if (look.state === "valid") expect(look.session).toMatch(ID);
		const names = [look.business, look.agent_name].map((name) => typeof name);
		expect(new Set(names)).toEqual(new Set([look.session === undefined ? "undefined" : "string"]));
		expect(look.language).toBeTypeOf("string");
		expect(look.joined).toBeTypeOf("boolean");
	}
	const me = one<Me>("api_me");
	expect([me.role, ...me.languages].every((text) => typeof text === "string")).toBe(true);
	for (const [name, start] of samples("api_start_call") as [string, StartCall][]) {
		const { confirm, ...usual } = start;
		expect(Object.keys(usual).sort(), name).toEqual(["language", "number", "reference", "region", "request"]);
		expect([true, undefined]).toContain(confirm);
	}
	for (const [name, reading] of samples("api_number_reading") as [string, NumberReading][]) {
		for (const read of [reading, reading.other ?? reading]) {
			expect(read.number, name).toMatch(/^\+\d{7,15}$/);
			expect(read.formatted, name).toMatch(/^\+\d/);
		}
	}
	expect(one<ReadNumber>("api_read_number")).toEqual({ number: expect.any(String), region: "NO" });
	const log = one<Log>("api_log");
	expect(log.events.every((event) => number(event.seq) && number(event.at_ms)) && number(log.head)).toBe(true);
	expect(log.more).toBe(false);
	const [call] = one<Calls>("api_calls").calls;
	expect(call).toMatchObject({ session: expect.stringMatching(ID), at_ms: expect.any(Number), phase: "live" });
	for (const [name, refusal] of samples("api_refusal")) expect(refusal, name).toHaveProperty("error");
});
