import { expect, test, vi } from "vitest";
import { again, readKept } from "../src/agent/devices/kept";
import { blurOf, setBlur } from "../src/link/media/blur";

const device = (deviceId: string, label: string, kind: MediaDeviceKind = "audioinput") => ({ deviceId, label, kind });
const KEPT = { id: "a", label: "Headset" };

test.each([
	["by its id", [device("b", "Other"), device("a", "Headset")], "a"],
	["by its id, though it has another name now", [device("b", "Headset"), device("a", "Headset (1234:5678)")], "a"],
	["by its name, at another socket", [device("b", "Other"), device("c", "Headset")], "c"],
	["not among two of its name", [device("b", "Headset"), device("c", "Headset")], null],
	["not where it is away", [device("b", "Other")], null],
	["not as another kind of device", [device("a", "Headset", "audiooutput")], null],
	["not before the browser tells", [device("", "")], null],
	["not in an empty list", [], null],
] as const)("a chosen device is found %s", (_, found, id) => {
	expect(again(KEPT, found, "audioinput")?.deviceId ?? null).toBe(id);
});

test("a device without a name is found by its id alone", () => {
	const kept = { id: "a", label: "" };
	expect(again(kept, [device("b", "")], "audioinput")).toBeNull();
	expect(again(kept, [device("b", ""), device("a", "")], "audioinput")?.deviceId).toBe("a");
});

test.each([
	['{"id":"a","label":"Headset"}', KEPT],
	['{"id":"a","label":"Headset","more":1}', KEPT],
	[null, null],
	["", null],
	["Headset", null],
	["null", null],
	["[]", null],
	['{"id":"","label":""}', null],
	['{"id":1,"label":"Headset"}', null],
])("what the storage holds is read with care: %s", (text, kept) => expect(readKept(text)).toEqual(kept));

function track(values: unknown, refuses = false) {
	let blurred = false;
	const applyConstraints = vi.fn(async (wanted: MediaTrackConstraints = {}) => {
		if (refuses) throw new DOMException("no", "OverconstrainedError");
		blurred = (wanted as { backgroundBlur?: { exact: boolean } }).backgroundBlur?.exact ?? blurred;
	});
	return {
		applyConstraints,
		getConstraints: () => ({ width: { ideal: 1280 } }),
		getCapabilities: () => ({ backgroundBlur: values }) as MediaTrackCapabilities,
		getSettings: () => ({ backgroundBlur: blurred }) as MediaTrackSettings,
	};
}

test("a blurred background is offered where the camera can have it both ways", () => {
	expect(blurOf(track([false, true]))).toBe(false);
	for (const values of [undefined, [], [true], [false], true, "yes"]) expect(blurOf(track(values))).toBeNull();
	expect(blurOf({ ...track([true, false]), getCapabilities: undefined as never })).toBeNull();
});

test("blurring keeps what else was asked of the camera, and says whether it came about", async () => {
	const camera = track([false, true]);
	expect(await setBlur(camera, true)).toBe(true);
	expect(camera.applyConstraints).toHaveBeenCalledWith({ width: { ideal: 1280 }, backgroundBlur: { exact: true } });
	expect(blurOf(camera)).toBe(true);
	expect(await setBlur(camera, false)).toBe(true);
	expect(await setBlur(track([false, true], true), true)).toBe(false);
	expect(await setBlur(track([true]), true)).toBe(false);
});
