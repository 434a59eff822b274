import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDevices } from "../src/link/media/devices";
import type { Devices } from "../src/link/call";
import { Page, Phone } from "./phone";

let phone: Phone;
let page: Page;
let devices: Devices;

function open(seat: "agent" | "customer" = "customer"): void {
	devices = createDevices({
		seat,
		media: phone,
		page: page as unknown as Document,
		meter: () => ({ read: () => 0.5, close: () => undefined }),
	});
}

/** The answer, once all repeats of a request are through. */
async function soon<T>(answer: Promise<T>): Promise<T> {
	await vi.advanceTimersByTimeAsync(6_000);
	return answer;
}

beforeEach(() => {
	vi.useFakeTimers();
	phone = new Phone();
	page = new Page();
});
afterEach(() => {
	devices.stopAll();
	vi.useRealTimers();
});

test("a customer's camera faces away from them, an agent's faces them", async () => {
	open();
	await devices.startCamera();
	expect(phone.diary).toEqual(["exact environment"]);
	expect(devices.facing.value).toBe("environment");
	devices.stopAll();
	phone.diary = [];
	open("agent");
	await devices.startCamera();
	expect(phone.diary).toEqual(["exact user"]);
});

test("the customer's camera is requested at the size of stills, the agent's at the size that is sent", async () => {
	const sizes: unknown[] = [];
	phone.refuses = ({ video }) => {
		const { width, height } = video as MediaTrackConstraints;
		sizes.push([width, height]);
	};
	open();
	await devices.startCamera();
	await devices.flip();
	devices.stopAll();
	open("agent");
	await devices.startCamera();
	const ideal = (width: number, height: number) => [{ ideal: width }, { ideal: height }];
	expect(sizes).toEqual([ideal(1920, 1080), ideal(1920, 1080), ideal(1280, 720)]);
});

test("exact comes before ideal, ideal before any", async () => {
	open();
	phone.refuses = ({ video }) => (typeof video === "object" ? "OverconstrainedError" : undefined);
	expect(await devices.startCamera()).toBe(true);
	expect(phone.diary).toEqual(["exact environment", "ideal environment", "ideal environment", "any camera"]);
});

test("a refusal is final: nothing else is requested", async () => {
	open();
	phone.refuses = () => "NotAllowedError";
	expect(await devices.startCamera()).toBe(false);
	expect(phone.diary).toHaveLength(1);
	expect(devices.cameraTrouble.value).toBe("denied");
	expect(devices.asking.value).toBeNull();
});

test.each([
	["NotAllowedError", "denied"],
	["SecurityError", "denied"],
	["NotFoundError", "absent"],
	["OverconstrainedError", "absent"],
	["NotReadableError", "busy"],
	["AbortError", "busy"],
])("%s is called %s", async (error, trouble) => {
	open();
	phone.refuses = () => error;
	await soon(devices.startCamera());
	await soon(devices.startMicrophone());
	expect(devices.cameraTrouble.value).toBe(trouble);
	expect(devices.microphoneTrouble.value).toBe(trouble);
});

test("without devices at all the browser is unsupported", async () => {
	devices = createDevices({ seat: "customer", media: null, page: page as unknown as Document });
	expect(await devices.startCamera()).toBe(false);
	expect(devices.cameraTrouble.value).toBe("unsupported");
	expect(await devices.flip()).toBe(false);
	expect(await devices.list()).toEqual([]);
});

test("camera and microphone are requested separately: one refusal does not cost the other", async () => {
	open();
	phone.refuses = ({ video }) => (video === undefined ? undefined : "NotAllowedError");
	expect(await devices.startCamera()).toBe(false);
	expect(await devices.startMicrophone()).toBe(true);
	expect(devices.cameraTrouble.value).toBe("denied");
	expect(devices.microphoneTrouble.value).toBeNull();
});

test("no answer for 8 s is a trouble of its own, and a late yes is still taken", async () => {
	open();
	let yes = (): void => undefined;
	phone.answers = () => new Promise((resolve) => (yes = resolve));
	const started = devices.startCamera();
	expect(devices.asking.value).toBe("camera");
	await vi.advanceTimersByTimeAsync(7_999);
	expect(devices.cameraTrouble.value).toBeNull();
	await vi.advanceTimersByTimeAsync(2);
	expect(await started).toBe(false);
	expect(devices.cameraTrouble.value).toBe("no_answer");
	yes();
	await vi.advanceTimersByTimeAsync(0);
	expect(devices.camera.value).not.toBeNull();
	expect(devices.cameraTrouble.value).toBeNull();
});

test("a second tap while the question is open requests nothing twice", async () => {
	open();
	const both = Promise.all([devices.startCamera(), devices.startCamera()]);
	expect(await both).toEqual([true, true]);
	expect(phone.diary).toEqual(["exact environment"]);
});

test("a yes that comes after the camera was switched off turns nothing on", async () => {
	open();
	let yes = (): void => undefined;
	phone.answers = () => new Promise((resolve) => (yes = resolve));
	const started = devices.startCamera();
	devices.stopCamera();
	yes();
	expect(await started).toBe(false);
	expect(devices.camera.value).toBeNull();
	expect(phone.tracks.every((track) => track.readyState === "ended")).toBe(true);
});

test("flip stops the old camera before it requests the other one, and keeps the old picture until then", async () => {
	open();
	await devices.startCamera();
	const before = devices.camera.value;
	phone.diary = [];
	let yes = (): void => undefined;
	phone.answers = () => new Promise((resolve) => (yes = resolve));
	const flipped = devices.flip();
	await vi.advanceTimersByTimeAsync(0);
	expect(phone.diary).toEqual(["stop back", "exact user"]);
	expect(devices.camera.value).toBe(before);
	yes();
	expect(await flipped).toBe(true);
	expect(devices.camera.value).not.toBe(before);
	expect(devices.facing.value).toBe("user");
});

test("flip goes from exact over ideal to the next device", async () => {
	phone.knowsFacing = false;
	open();
	await devices.startCamera();
	phone.diary = [];
	expect(await devices.flip()).toBe(true);
	// `ideal` was answered with the camera that was just left.
	expect(phone.diary).toEqual([
		"stop back",
		"exact user",
		...Array(2).fill(["ideal user", "stop back"]).flat(),
		"device front",
	]);
	expect(devices.facing.value).toBe("user");
	expect(await devices.flip()).toBe(true);
	expect(devices.facing.value).toBe("environment");
});

test("the old camera is restored when there is no other one", async () => {
	open();
	await devices.startCamera();
	phone.refuses = ({ video }) =>
		typeof video === "object" && (video.facingMode as { exact?: string })?.exact === "user"
			? "NotReadableError"
			: undefined;
	phone.cameras = phone.cameras.slice(0, 1);
	phone.diary = [];
	expect(await soon(devices.flip())).toBe(false);
	expect(phone.diary.at(-1)).toBe("device back");
	expect(devices.camera.value?.getVideoTracks()[0]?.readyState).toBe("live");
	expect(devices.facing.value).toBe("environment");
	expect(devices.cameraTrouble.value).toBeNull();
});

test("when the old camera does not come back either, the trouble is shown", async () => {
	open();
	await devices.startCamera();
	phone.refuses = () => "NotReadableError";
	expect(await soon(devices.flip())).toBe(false);
	expect(devices.camera.value).toBeNull();
	expect(devices.cameraTrouble.value).toBe("busy");
});

test("two cameras can be flipped, one cannot", async () => {
	open();
	await devices.startCamera();
	await vi.advanceTimersByTimeAsync(0);
	expect(devices.canFlip.value).toBe(true);
	phone.cameras = phone.cameras.slice(0, 1);
	devices.stopCamera();
	await devices.startCamera();
	await vi.advanceTimersByTimeAsync(0);
	expect(devices.canFlip.value).toBe(false);
});

test("all devices are off at the end", async () => {
	open();
	await devices.startCamera();
	await devices.startMicrophone();
	devices.stopAll();
	expect(phone.tracks.map((track) => track.readyState)).toEqual(["ended", "ended"]);
	expect([devices.camera.value, devices.microphone.value]).toEqual([null, null]);
	page.comesBack();
	await vi.advanceTimersByTimeAsync(2_000);
	expect(phone.tracks).toHaveLength(2);
});

test("a device that the phone took away is taken back when the page is visible again", async () => {
	open();
	await devices.startCamera();
	const [track] = phone.tracks;
	track?.stop();
	track?.dispatchEvent(new Event("ended"));
	expect(devices.camera.value).toBeNull();
	expect(devices.cameraTrouble.value).toBe("busy");
	page.comesBack();
	await vi.advanceTimersByTimeAsync(0);
	expect(devices.camera.value).not.toBeNull();
	expect(devices.cameraTrouble.value).toBeNull();
});

test("a track that stays muted after the return is replaced", async () => {
	open();
	await devices.startCamera();
	const [track] = phone.tracks;
	if (track !== undefined) track.muted = true;
	page.comesBack();
	await vi.advanceTimersByTimeAsync(1_001);
	expect(phone.tracks).toHaveLength(2);
	expect(devices.camera.value?.getVideoTracks()[0]).toBe(phone.tracks[1]);
});

test.each([
	["the page comes back once more", () => page.comesBack()],
	["a device appears", () => phone.dispatchEvent(new Event("devicechange"))],
])("a camera that is still busy on the return is off, and on again when %s", async (_, happens) => {
	open();
	await devices.startCamera();
	const [track] = phone.tracks;
	if (track !== undefined) track.muted = true;
	phone.refuses = () => "NotReadableError";
	page.comesBack();
	await vi.advanceTimersByTimeAsync(1_001);
	expect(track?.readyState).toBe("ended");
	await vi.advanceTimersByTimeAsync(3_000);
	expect(devices.camera.value).toBeNull();
	expect(devices.cameraTrouble.value).toBe("busy");
	phone.refuses = () => undefined;
	happens();
	happens();
	await vi.advanceTimersByTimeAsync(0);
	expect(devices.camera.value?.getVideoTracks()[0]?.readyState).toBe("live");
	expect(devices.cameraTrouble.value).toBeNull();
	expect(phone.inUse).toBe(1);
});

test("a dead camera that was switched off stays off", async () => {
	open();
	await devices.startCamera();
	phone.tracks[0]?.stop();
	phone.refuses = () => "NotReadableError";
	page.comesBack();
	await vi.advanceTimersByTimeAsync(0);
	devices.stopCamera();
	phone.refuses = () => undefined;
	phone.diary = [];
	page.comesBack();
	phone.dispatchEvent(new Event("devicechange"));
	await vi.advanceTimersByTimeAsync(2_000);
	expect(phone.diary).toEqual([]);
});

test("a restart without an answer shows no dead camera, and a late yes is taken", async () => {
	open();
	await devices.startCamera();
	phone.tracks[0]?.stop();
	let yes = (): void => undefined;
	phone.answers = () => new Promise((resolve) => (yes = resolve));
	page.comesBack();
	await vi.advanceTimersByTimeAsync(8_001);
	expect(devices.camera.value).toBeNull();
	expect(devices.cameraTrouble.value).toBe("no_answer");
	yes();
	await vi.advanceTimersByTimeAsync(0);
	expect(devices.camera.value).not.toBeNull();
});

test("a device that appears leaves those that run alone", async () => {
	open();
	await devices.startCamera();
	if (phone.tracks[0] !== undefined) phone.tracks[0].muted = true;
	phone.dispatchEvent(new Event("devicechange"));
	await vi.advanceTimersByTimeAsync(2_000);
	expect(phone.diary).toEqual(["exact environment"]);
});

test("a device that was never granted is not requested on a return", async () => {
	open();
	phone.refuses = () => "NotAllowedError";
	await devices.startCamera();
	phone.diary = [];
	page.comesBack();
	await vi.advanceTimersByTimeAsync(5_000);
	expect(phone.diary).toEqual([]);
});

test("a chosen camera is requested by its id, and kept for later", async () => {
	open("agent");
	await devices.startCamera();
	phone.diary = [];
	expect(await devices.choose("camera", "back")).toBe(true);
	expect(phone.diary).toEqual(["stop front", "device back"]);
	devices.stopCamera();
	phone.diary = [];
	await devices.startCamera();
	expect(phone.diary).toEqual(["device back"]);
});

test("a chosen camera that is busy gives way to the old one", async () => {
	open("agent");
	await devices.startCamera();
	phone.refuses = ({ video }) =>
		(typeof video === "object" && (video.deviceId as { exact?: string })?.exact) === "back"
			? "NotReadableError"
			: undefined;
	phone.diary = [];
	let shown = true;
	devices.camera.subscribe((stream) => (shown &&= stream !== null));
	expect(await soon(devices.choose("camera", "back"))).toBe(false);
	expect(phone.diary).toEqual(["stop front", ...Array(5).fill("device back"), "device front"]);
	expect(shown).toBe(true);
	expect(devices.camera.value?.getVideoTracks()[0]?.readyState).toBe("live");
	expect(devices.cameraTrouble.value).toBeNull();
	devices.stopCamera();
	phone.diary = [];
	await devices.startCamera();
	expect(phone.diary).toEqual(["exact user"]);
});

test("when neither the chosen camera nor the old one comes, none is shown", async () => {
	open("agent");
	await devices.startCamera();
	phone.refuses = () => "NotReadableError";
	expect(await soon(devices.choose("camera", "back"))).toBe(false);
	expect(devices.camera.value).toBeNull();
	expect(devices.cameraTrouble.value).toBe("busy");
	phone.refuses = () => undefined;
	expect(await devices.flip()).toBe(false);
	expect(await devices.startCamera()).toBe(true);
});

test("a chosen microphone that is busy leaves the old one on", async () => {
	open("agent");
	await devices.startMicrophone();
	const before = devices.microphone.value;
	phone.refuses = () => "NotReadableError";
	expect(await soon(devices.choose("microphone", "other"))).toBe(false);
	expect(devices.microphone.value).toBe(before);
	expect(before?.getTracks()[0]?.readyState).toBe("live");
	expect(devices.microphoneTrouble.value).toBeNull();
});

test("loudness is measured only while it is watched", async () => {
	open();
	await devices.startMicrophone();
	// The sound was opened meanwhile.
	await vi.advanceTimersByTimeAsync(0);
	const idle = vi.getTimerCount();
	const unwatch = devices.level.subscribe(() => undefined);
	await vi.advanceTimersByTimeAsync(150);
	expect(devices.level.value).toBe(0.5);
	unwatch();
	expect(vi.getTimerCount()).toBe(idle);
});
