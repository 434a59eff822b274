// The help of a device that the browser blocks.

import { signal } from "@preact/signals";
import { expect, test, vi } from "vitest";
import { type Device, Switches } from "../src/customer/switches";
import type { Call, DeviceTrouble } from "../src/link/call";

// The page itself needs a browser.
vi.mock("../src/customer/page", () => ({
	turnMicrophone: (call: Call, on: boolean) => call.setMicrophone(on),
}));

/** A call in which the browser answers so. */
const answering = (done: boolean, trouble: DeviceTrouble | null) =>
	({
		setCamera: async () => done,
		setMicrophone: async () => done,
		devices: { cameraTrouble: signal(trouble), microphoneTrouble: signal(trouble) },
	}) as unknown as Call;

test.each<[Device, Device | null, boolean, DeviceTrouble | null, Device | null]>([
	["camera", null, false, "denied", "camera"],
	["camera", "camera", true, null, null],
	["camera", "camera", false, null, null],
	["microphone", "camera", true, null, "camera"],
	["microphone", "camera", false, null, "camera"],
	["camera", "microphone", true, null, "microphone"],
	["microphone", "camera", false, "denied", "microphone"],
])("%s, with the help of %s open: %s, %s leaves that of %s", async (device, open, done, trouble, then) => {
	const switches = new Switches(answering(done, trouble));
	switches.stuck.value = open;
	await switches.turn(device, true);
	expect(switches.stuck.value).toBe(then);
});
