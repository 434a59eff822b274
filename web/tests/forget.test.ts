// What a tab leaves in the browser: nothing of a call that is over for it.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDevices } from "../src/link/media/devices";
import type { Call } from "../src/link/call";
import { openCall } from "../src/link/open";
import { forgetTab } from "../src/ui/forget";
import type { Event, Seat, ToPage } from "../src/wire/generated";
import { FakeStore, FakeStream, type FakeWorld, fakeWorld, SESSION } from "./fakes";

let world: FakeWorld;
let store: FakeStore;
let call: Call;

const KEY = `sightline.${SESSION}`;
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const hear = (message: Record<string, unknown>) => world.wires.at(-1)?.hear({ session: SESSION, ...message } as ToPage);
const happen = (...events: Event[]) =>
	hear({ topic: "session", type: "events", events, head: events.at(-1)?.seq ?? 0, more: false });
const ended: Event = { seq: 1, at_ms: 1, type: "ended", why: "agent_ended" };

async function open(seat: Seat): Promise<void> {
	store = new FakeStore();
	world = fakeWorld(store);
	const media = { getUserMedia: () => Promise.reject(new Error("none")), enumerateDevices: async () => [] };
	call = openCall({ session: SESSION, seat, devices: createDevices({ seat, media, meter: () => null }), world });
	await tick();
	world.wires.at(-1)?.attach({ head: 0, holds_seat: true });
	call.say("not answered yet");
	expect(store.getItem(KEY)).toContain("not answered yet");
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

test.each(["agent", "customer"] as const)("after the end the %s's tab remembers nothing", async (seat) => {
	await open(seat);
	happen(ended);
	await tick(5_000);
	expect(store.getItem(KEY)).toBeNull();
});

test.each(["agent", "customer"] as const)("nor when the %s leaves the page of the end at once", async (seat) => {
	await open(seat);
	happen(ended);
	call.close();
	expect(store.getItem(KEY)).toBeNull();
	await tick(5_000);
	expect(store.getItem(KEY)).toBeNull();
});

test.each(["agent", "customer"] as const)("nor when the %s's seat moved to another page", async (seat) => {
	await open(seat);
	hear({ topic: "session", type: "moved" });
	expect(call.stop.value).toEqual({ why: "moved" });
	call.say("too late");
	await tick(5_000);
	expect(store.getItem(KEY)).toBeNull();
});

test("an agent whose sign-in expired goes on after the next one", async () => {
	await open("agent");
	hear({ topic: "session", type: "refused", why: "no_seat" });
	await tick(5_000);
	expect(store.getItem(KEY)).toContain("not answered yet");
});

test("one session is forgotten, or all", () => {
	const kept: Record<string, string> = {
		"seen.a": "1",
		"draft.a": "x",
		"sightline.a": "{}",
		"seen.b": "2",
		name: "Ada",
	};
	Object.defineProperty(kept, "removeItem", { value: (key: string) => delete kept[key] });
	vi.stubGlobal("sessionStorage", kept);
	forgetTab("a");
	expect(Object.keys(kept)).toEqual(["seen.b", "name"]);
	forgetTab();
	expect(Object.keys(kept)).toEqual([]);
});
