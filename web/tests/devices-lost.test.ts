// Devices that fail for a moment, leave and come back.

import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Devices } from "../src/link/call";
import { createDevices } from "../src/link/media/devices";
import { Page, Phone } from "./phone";

let phone: Phone;
let page: Page;
let devices: Devices;

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function open(): void {
	phone = new Phone();
	phone.microphones = ["headset", "built-in"];
	page = new Page();
	devices = createDevices({ seat: "customer", media: phone, page: page as unknown as Document, meter: () => null });
}

beforeEach(() => {
	vi.useFakeTimers();
	open();
});
afterEach(() => {
	devices.stopAll();
	vi.useRealTimers();
});

/** Many phones give no camera for half a second after one was stopped. */
function needsRest(): void {
	phone.refuses = ({ video }) =>
		video !== undefined && performance.now() - phone.stopped_at < 500 ? "NotReadableError" : undefined;
}

function refusesLarge(): void {
	phone.refuses = ({ video }) => {
		const width = typeof video === "object" ? (video.width as { ideal?: number } | undefined)?.ideal : 0;
		return (width ?? 0) > 1280 ? "AbortError" : undefined;
	};
}

const ways: [string, () => unknown][] = [
	["the lobby", () => devices.startCamera()],
	["a flip", () => devices.flip()],
	[
		"a switch off and on",
		() => {
			devices.stopCamera();
			return devices.startCamera();
		},
	],
	["the background", () => void (phone.live("video")[0] && phone.ends(phone.live("video")[0] as never))],
	["the settings", () => devices.choose("camera", "front")],
];

for (const [kind, fails] of [
	["needs a rest after it was stopped", needsRest],
	["refuses a large picture", refusesLarge],
] as const) {
	test.each(ways)(`a camera that ${kind} shows within 3 s after %s`, async (_, starts) => {
		await devices.startCamera();
		fails();
		const started = starts();
		await pass(2_500);
		await started;
		expect(phone.live("video")).toHaveLength(1);
		expect(devices.camera.value?.getTracks()).toEqual(phone.live("video"));
		expect(devices.cameraTrouble.value).toBeNull();
	});
}

test.each([
	["ended", "devicechange"],
	["devicechange", "ended"],
	["ended", null],
	["devicechange", null],
] as const)(
	"a headset that leaves (%s, then %s) gives way to what is left within 3 s, and the page says so",
	async (...signs) => {
		await devices.choose("microphone", "headset");
		await devices.startMicrophone();
		phone.unplug("headset", [signs[0]]);
		await pass(50);
		if (signs[1] !== null) phone.unplug("headset", [signs[1]]);
		await pass(2_500);
		expect(phone.live("audio").map((track) => track.getSettings().deviceId)).toEqual(["built-in"]);
		expect(devices.microphone.value?.getTracks()).toEqual(phone.live("audio"));
		expect(devices.replacement.value).toBe(phone.live("audio")[0]);
	},
);

test("the last microphone that leaves is off, and on again when one appears", async () => {
	phone.microphones = ["headset"];
	await devices.startMicrophone();
	phone.unplug("headset", ["ended", "devicechange"]);
	await pass(3_000);
	expect(devices.microphone.value).toBeNull();
	expect(devices.microphoneTrouble.value).not.toBeNull();
	phone.microphones = ["headset"];
	phone.dispatchEvent(new Event("devicechange"));
	await pass(100);
	expect(phone.live("audio")).toHaveLength(1);
	expect(devices.microphoneTrouble.value).toBeNull();
});

test("the same device that comes back replaces nothing", async () => {
	await devices.startCamera();
	phone.ends(phone.live("video")[0] as never);
	await pass(100);
	expect(phone.live("video")).toHaveLength(1);
	expect(devices.replacement.value).toBeNull();
});

test("a device that keeps going away is left to the person", async () => {
	await devices.startCamera();
	phone.diary = [];
	for (let n = 0; n < 50; n += 1) {
		for (const track of phone.live("video")) phone.ends(track);
		await pass(50);
	}
	expect(phone.diary.length).toBeLessThan(6);
	expect(devices.cameraTrouble.value).toBe("busy");
	expect(await devices.startCamera()).toBe(true);
});

test("while the page is in the background nothing is requested", async () => {
	await devices.startMicrophone();
	page.visibilityState = "hidden";
	phone.diary = [];
	phone.unplug("headset", ["devicechange", "ended"]);
	await pass(5_000);
	expect(phone.diary).not.toContain("microphone");
	page.visibilityState = "visible";
	page.comesBack();
	await pass(100);
	expect(phone.live("audio")).toHaveLength(1);
});

test("a chosen device is given up for the browser's own choice", async () => {
	await devices.startMicrophone();
	expect(await devices.choose("microphone", "built-in")).toBe(true);
	expect(devices.chosen.microphone.value).toBe("built-in");
	expect(await devices.choose("microphone", null)).toBe(true);
	expect(devices.chosen.microphone.value).toBeNull();
	expect(phone.live("audio").map((track) => track.getSettings().deviceId)).toEqual(["headset"]);
});

type Step =
	| { does: "start" | "stop"; kind: "camera" | "microphone" }
	| { does: "flip" | "hide" | "show" }
	| { does: "leave"; device: string; signs: ("ended" | "devicechange")[] }
	| { does: "come"; device: string };

const step: fc.Arbitrary<Step> = fc.oneof(
	fc.record({
		does: fc.constantFrom("start" as const, "stop" as const),
		kind: fc.constantFrom("camera" as const, "microphone" as const),
	}),
	fc.record({ does: fc.constantFrom("flip" as const, "hide" as const, "show" as const) }),
	fc.record({
		does: fc.constant("leave" as const),
		device: fc.constantFrom("back", "front", "headset", "built-in"),
		signs: fc.constantFrom<("ended" | "devicechange")[]>(
			["ended"],
			["devicechange"],
			["ended", "devicechange"],
			["devicechange", "ended"],
		),
	}),
	fc.record({ does: fc.constant("come" as const), device: fc.constantFrom("back", "front", "headset", "built-in") }),
);

function does(one: Step, on: { camera: boolean; microphone: boolean }): void {
	if (one.does === "start") {
		on[one.kind] = true;
		void (one.kind === "camera" ? devices.startCamera() : devices.startMicrophone());
	} else if (one.does === "stop") {
		on[one.kind] = false;
		if (one.kind === "camera") devices.stopCamera();
		else devices.stopMicrophone();
	} else if (one.does === "flip") void devices.flip();
	else if (one.does === "leave") phone.unplug(one.device, one.signs);
	else if (one.does === "come") comes(one.device);
	else {
		page.visibilityState = one.does === "hide" ? "hidden" : "visible";
		page.comesBack();
	}
}

function comes(device: string): void {
	const microphones = phone.microphones ?? [];
	if (device === "back" || device === "front") {
		const facingMode = device === "back" ? "environment" : "user";
		if (phone.cameras.some((one) => one.deviceId === device)) return;
		phone.cameras = [...phone.cameras, { deviceId: device, facingMode }];
	} else if (!microphones.includes(device)) phone.microphones = [...microphones, device];
	phone.dispatchEvent(new Event("devicechange"));
}

test("whatever comes and goes in whatever order: what is wanted and there runs, and nothing else is lit", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(step, fc.integer({ min: 0, max: 900 })), { maxLength: 14 }),
			fc.boolean(),
			async (steps, rests) => {
				open();
				if (rests) needsRest();
				const on = { camera: false, microphone: false };
				for (const [one, wait_ms] of steps) {
					does(one, on);
					await pass(wait_ms);
					expect(phone.live("video").length).toBeLessThanOrEqual(1);
				}
				// A person who looks at the page again, and presses once what is off.
				await pass(10_000);
				page.visibilityState = "visible";
				page.comesBack();
				await pass(10_000);
				const runs = { camera: devices.camera.value, microphone: devices.microphone.value };
				if (on.camera && phone.cameras.length > 0) await Promise.all([devices.startCamera(), pass(5_000)]);
				const microphones = phone.microphones ?? [];
				if (on.microphone && microphones.length > 0) await Promise.all([devices.startMicrophone(), pass(5_000)]);
				for (const kind of ["camera", "microphone"] as const) {
					const lit = phone.live(kind === "camera" ? "video" : "audio");
					const there = kind === "camera" ? phone.cameras.map((one) => one.deviceId) : microphones;
					const shown = (kind === "camera" ? devices.camera.value : devices.microphone.value)?.getTracks() ?? [];
					expect(lit).toEqual(shown);
					expect(lit).toHaveLength(on[kind] && there.length > 0 ? 1 : 0);
					for (const track of lit) expect(there).toContain(track.getSettings().deviceId);
					if (runs[kind] !== null) expect(runs[kind]?.getTracks()[0]).toBe(shown[0]);
				}
				devices.stopAll();
				expect([...phone.live("video"), ...phone.live("audio")]).toEqual([]);
			},
		),
		{ numRuns: 150 },
	);
});

/** Three rear lenses, and a browser that answers with the first. */
function hasLenses(): void {
	phone.cameras = [
		{ deviceId: "ultra", facingMode: "environment", label: "facing back (ultra wide)" },
		{ deviceId: "tele", facingMode: "environment", label: "facing back (telephoto)" },
		{ deviceId: "main", facingMode: "environment", label: "facing back" },
		{ deviceId: "front", facingMode: "user", label: "facing front" },
	];
}

const runs = () => phone.live("video").map((track) => track.getSettings().deviceId);

test("of several rear lenses the main one is used, the others can be chosen, and the choice stays", async () => {
	await import("../src/link/media/lenses");
	hasLenses();
	await devices.startCamera();
	await pass(50);
	expect(runs()).toEqual(["main"]);
	expect(devices.lenses.value).toEqual(["main", "ultra", "tele"]);
	const next = async () => {
		const place = devices.nextLens();
		await pass(50);
		return place;
	};
	expect([await next(), runs()]).toEqual([1, ["ultra"]]);
	await Promise.all([devices.flip(), pass(50)]);
	expect(runs()).toEqual(["front"]);
	await Promise.all([devices.flip(), pass(50)]);
	expect(runs()).toEqual(["ultra"]);
	expect([await next(), await next(), runs()]).toEqual([2, 0, ["main"]]);
});

test("a main lens that does not start leaves the one that runs, and is not tried all the time", async () => {
	await import("../src/link/media/lenses");
	hasLenses();
	phone.refuses = ({ video }) =>
		typeof video === "object" && (video.deviceId as { exact?: string } | undefined)?.exact === "main"
			? "NotReadableError"
			: undefined;
	await devices.startCamera();
	await pass(10_000);
	expect(runs()).toEqual(["ultra"]);
	phone.diary = [];
	phone.dispatchEvent(new Event("devicechange"));
	await pass(10_000);
	expect(phone.diary).toEqual([]);
	expect(devices.cameraTrouble.value).toBeNull();
});
