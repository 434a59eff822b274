// A phone does what the agent did on their page: once each, and nothing from before its time.

import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { done, obeyAgent } from "../src/customer/guest/obey";
import type { Call } from "../src/link/call";
import type { CameraControls } from "../src/link/media/controls";
import { EMPTY } from "../src/session/fold";
import { type GuestView, UNTOUCHED } from "../src/session/guest";

/** A phone in a call, with a diary of what was done. */
function phone() {
	const diary: string[] = [];
	const guest = signal<GuestView>({ ...UNTOUCHED, since: 10 });
	const joined = signal(true);
	const track = {
		getCapabilities: () => ({ torch: true, zoom: { min: 1, max: 3 } }),
		getSettings: () => ({}),
		applyConstraints: async ({ advanced }: MediaTrackConstraints) => void diary.push(JSON.stringify(advanced?.[0])),
	};
	const camera = signal({ getVideoTracks: () => [track] });
	const call = {
		session: "c2Vzc2lvbi1pZC0wMDAwMQ",
		view: {
			get value() {
				return { ...EMPTY, guest: guest.value };
			},
		},
		joined,
		devices: { camera },
		controls: signal<CameraControls>({}),
		setMicrophone: async (on: boolean) => diary.push(`microphone ${on}`) > 0,
		setCamera: async (on: boolean) => diary.push(`camera ${on}`) > 0,
	} as unknown as Call;
	return { call, diary, guest, joined };
}

beforeEach(() => {
	const kept = new Map<string, string>();
	vi.stubGlobal("sessionStorage", {
		getItem: (key: string) => kept.get(key) ?? null,
		setItem: (key: string, value: string) => void kept.set(key, value),
	});
	vi.useFakeTimers();
	done.value = null;
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

const settled = () => vi.advanceTimersByTimeAsync(0);

test("each deed is done once, in the order of the log, and shown", async () => {
	const { call, diary, guest } = phone();
	const stop = obeyAgent(call);
	guest.value = { ...guest.value, off: { camera: 12, microphone: 11 } };
	guest.value = { ...guest.value, zoomed: { seq: 13, zoom: 500 } };
	await settled();
	expect(diary).toEqual(["microphone false", "camera false", '{"torch":false,"zoom":2}']);
	expect(done.value).toBe("zoom");
	guest.value = { ...guest.value };
	await settled();
	expect(diary).toHaveLength(3);
	stop();
});

test("a reload repeats nothing, and does what came meanwhile", async () => {
	const before = phone();
	before.guest.value = { ...before.guest.value, off: { microphone: 11 } };
	obeyAgent(before.call)();
	const { call, diary, guest } = phone();
	guest.value = { ...guest.value, off: { microphone: 11, camera: 12 } };
	const stop = obeyAgent(call);
	await settled();
	expect(diary).toEqual(["camera false"]);
	stop();
});

test("what was meant for the page before, and what comes without the seat, is not done", async () => {
	const { call, diary, guest, joined } = phone();
	joined.value = false;
	guest.value = { ...guest.value, off: { microphone: 9, camera: 11 } };
	const stop = obeyAgent(call);
	await settled();
	expect(diary).toEqual([]);
	joined.value = true;
	await settled();
	expect(diary).toEqual(["camera false"]);
	stop();
});

test("what the camera has becomes known some time after it started", async () => {
	const { call } = phone();
	const stop = obeyAgent(call);
	expect(call.controls.value).toEqual({ torch: false, zoom: 0 });
	call.controls.value = {};
	await vi.advanceTimersByTimeAsync(1_000);
	expect(call.controls.value).toEqual({ torch: false, zoom: 0 });
	stop();
});
