// Light, zoom and place of a phone: what browsers tell, and what they do.

import { expect, test, vi } from "vitest";
import { controlsOf, setTorch, setZoom } from "../src/link/media/controls";
import { locate } from "../src/link/media/whereabouts";

/** A track as some browser has it; `tells`: its settings have light and zoom. */
function track(can: object, tells = true) {
	const applied: object[] = [];
	let is: object = {};
	const fake = {
		refuses: false,
		applied,
		getCapabilities: () => can as MediaTrackCapabilities,
		getSettings: () => (tells ? is : {}) as MediaTrackSettings,
		async applyConstraints(constraints?: MediaTrackConstraints) {
			if (fake.refuses) throw new DOMException("no", "NotReadableError");
			is = { ...constraints?.advanced?.[0] };
			applied.push(is);
		},
	};
	return fake;
}

const ZOOM = { min: 1, max: 8, step: 0.1 };

test.each([
	["neither", {}, {}],
	["a light", { torch: true }, { torch: false }],
	["a light, as a list", { torch: [false, true] }, { torch: false }],
	["no light, as a list", { torch: [false] }, {}],
	["a zoom", { zoom: ZOOM }, { zoom: 0 }],
	["a zoom without a range", { zoom: { min: 1, max: 1 } }, {}],
])("a camera with %s", (_, can, has) => expect(controlsOf(track(can))).toEqual(has));

test("a browser without capabilities has neither", () => {
	const { getCapabilities: _, ...old } = track({});
	expect(controlsOf(old)).toEqual({});
});

test.each([true, false])("light and zoom stay together, whether the browser tells them: %s", async (tells) => {
	const camera = track({ torch: true, zoom: ZOOM }, tells);
	expect(await setTorch(camera, true)).toBe(true);
	expect(await setZoom(camera, 500)).toBe(true);
	expect(camera.applied.at(-1)).toEqual({ torch: true, zoom: 4.5 });
	expect(controlsOf(camera)).toEqual({ torch: true, zoom: 500 });
	expect(await setTorch(camera, false)).toBe(true);
	expect(camera.applied.at(-1)).toEqual({ torch: false, zoom: 4.5 });
});

test.each([true, false])("a zoom while the light goes out leaves it out, told by the browser: %s", async (tells) => {
	const camera = track({ torch: true, zoom: ZOOM }, tells);
	await setTorch(camera, true);
	const { applyConstraints } = camera;
	camera.applyConstraints = async (constraints) => {
		await new Promise((resolve) => setTimeout(resolve));
		await applyConstraints(constraints);
	};
	expect(await Promise.all([setTorch(camera, false), setZoom(camera, 500)])).toEqual([true, true]);
	expect(controlsOf(camera)).toEqual({ torch: false, zoom: 500 });
	expect(await Promise.all([setZoom(camera, 0), setTorch(camera, true)])).toEqual([true, true]);
	expect(controlsOf(camera)).toEqual({ torch: true, zoom: 0 });
});

test("what a camera refuses does not keep it from what comes after", async () => {
	const camera = Object.assign(track({ torch: true, zoom: ZOOM }), { refuses: true });
	const light = setTorch(camera, true);
	const zoom = setZoom(camera, 500);
	expect(await light).toBe(false);
	camera.refuses = false;
	await zoom;
	expect(await setZoom(camera, 1_000)).toBe(true);
	expect(controlsOf(camera)).toEqual({ torch: false, zoom: 1_000 });
});

test("zoom keeps to the camera's steps and its ends", async () => {
	const camera = track({ zoom: { min: 1, max: 4, step: 2 } });
	for (const [wanted, is] of [
		[0, 1],
		[400, 3],
		[1_000, 4],
	] as const) {
		await setZoom(camera, wanted);
		expect(camera.applied.at(-1), String(wanted)).toEqual({ zoom: is });
	}
});

test("what a camera has not, or refuses, is not done", async () => {
	const plain = track({});
	expect([await setTorch(plain, true), await setZoom(plain, 500), plain.applied]).toEqual([false, false, []]);
	const refusing = Object.assign(track({ torch: true, zoom: ZOOM }), { refuses: true });
	expect([await setTorch(refusing, true), await setZoom(refusing, 500)]).toEqual([false, false]);
	expect(controlsOf(refusing)).toEqual({ torch: false, zoom: 0 });
});

const at = (latitude: number, longitude: number, accuracy: number) => ({
	getCurrentPosition: (done: PositionCallback) =>
		done({ coords: { latitude, longitude, accuracy } } as GeolocationPosition),
});
const failing = (code: number) => ({
	getCurrentPosition: (_: PositionCallback, failed?: PositionErrorCallback | null) =>
		failed?.({ code } as GeolocationPositionError),
});

test("a place has five places, and its accuracy is never told better than it is", async () => {
	expect(await locate(at(52.520008, -13.404954, 13.2))).toEqual({
		latitude_e5: 5_252_001,
		longitude_e5: -1_340_495,
		accuracy_m: 14,
	});
	for (const wrong of [at(91, 0, 1), at(0, -181, 1), at(Number.NaN, 0, 1), at(0, 0, Number.POSITIVE_INFINITY)]) {
		expect(await locate(wrong)).toBe("no_position");
	}
});

test.each([
	[1, "denied"],
	[2, "no_position"],
	[3, "no_position"],
])("error %i becomes %s", async (code, answer) => expect(await locate(failing(code))).toBe(answer));

test("a phone without location says so, and a question that stays open ends after 30 s", async () => {
	expect(await locate(null)).toBe("unsupported");
	vi.useFakeTimers();
	const asking = locate({ getCurrentPosition: () => undefined });
	await vi.advanceTimersByTimeAsync(30_000);
	expect(await asking).toBe("no_answer");
	vi.useRealTimers();
});
