// A phone that keeps its camera's picture back, as both pages of the call see it.

import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { leaveFakeBrowser, Scene, tick, useFakeBrowser } from "./scene";

/** The element that shows the camera, as far as its frames are counted. */
class Screen {
	srcObject: MediaStream | null;
	paused = false;
	flows = true;
	#frame: (() => void) | null = null;
	readonly #camera: () => MediaStream | null;

	constructor(camera: () => MediaStream | null) {
		this.#camera = camera;
		this.srcObject = camera();
		setInterval(() => this.#next(), 100);
	}

	requestVideoFrameCallback = (frame: () => void): number => {
		this.#frame = frame;
		return 1;
	};

	cancelVideoFrameCallback = (): void => {
		this.#frame = null;
	};

	play = async (): Promise<void> => undefined;

	#next(): void {
		this.srcObject = this.#camera();
		const frame = this.#frame;
		if (this.flows) frame?.();
	}
}

let scene: Scene;
let screen: Screen;

async function open(seat: "customer" | "agent"): Promise<void> {
	scene = await Scene.open(seat);
	await scene.call.devices.startCamera();
	screen = new Screen(() => scene.call.devices.camera.value);
	scene.call.devices.shows(screen as unknown as HTMLVideoElement);
	await tick(1_000);
}

const track = (): { muted: boolean } =>
	scene.call.devices.camera.value?.getTracks()[0] as unknown as { muted: boolean };
const presence = () => scene.said("presence").map(({ paused, camera }) => [paused, camera]);

// The page loads it later; a fake clock does not wait for that.
beforeAll(() => import("../src/link/media/watched-camera"));
beforeEach(useFakeBrowser);
afterEach(() => {
	scene.call.close();
	leaveFakeBrowser();
});

test("a camera that the phone mutes for 5 s is paused on this page and told to the other, until it goes on", async () => {
	await open("customer");
	expect(scene.call.connection.value.state).toBe("live");
	track().muted = true;
	screen.flows = false;
	await tick(4_500);
	expect(scene.call.connection.value.state).toBe("live");
	await tick(1_500);
	expect(scene.call.connection.value).toEqual({ state: "paused", whose: "own", what: "camera" });
	expect(presence()).toEqual([[true, true]]);
	// The agent's page comes back, and must hear it again.
	scene.hear({ topic: "session", type: "connection", seat: "agent", here: true });
	expect(presence()).toHaveLength(2);
	track().muted = false;
	screen.flows = true;
	await tick(800);
	expect(scene.call.connection.value.state).toBe("live");
	expect(presence().at(-1)).toEqual([false, undefined]);
	expect(scene.call.devices.camera.value).not.toBeNull();
});

test("a camera that is live and dead is requested again within 3 s, and the other hears of no pause", async () => {
	await open("customer");
	const before = track();
	screen.flows = false;
	await tick(3_000);
	expect(track()).not.toBe(before);
	screen.flows = true;
	await tick(10_000);
	expect(presence()).toEqual([]);
	expect(scene.call.connection.value.state).toBe("live");
});

test("a camera that is switched off is not paused, and a paused one stays off when it is", async () => {
	await open("customer");
	track().muted = true;
	await tick(6_000);
	expect(scene.call.connection.value.state).toBe("paused");
	await scene.call.setCamera(false);
	await tick(800);
	expect(scene.call.connection.value.state).toBe("live");
	await tick(20_000);
	expect(scene.call.devices.camera.value).toBeNull();
});

test("an agent's camera that is kept back changes nothing about the call", async () => {
	await open("agent");
	scene.leg.pc.getStats = async () =>
		new Map([["v", { type: "inbound-rtp", kind: "video", framesDecoded: performance.now() / 30 }]]);
	track().muted = true;
	await tick(8_000);
	expect(scene.call.connection.value.state).toBe("live");
	expect(presence()).toEqual([]);
});
