import { expect, test } from "vitest";
import { namedDevices } from "../src/agent/devices/names";

const device = (kind: MediaDeviceKind, deviceId: string, label: string) => ({ kind, deviceId, label });
const names = (...labels: string[]) =>
	namedDevices(
		labels.map((label, at) => device("videoinput", `id${at}`, label)),
		"videoinput",
		"Camera",
	).map(({ name }) => name);

test("devices of one name are counted", () => {
	expect(names("HD Webcam", "Other", "HD Webcam", "HD Webcam")).toEqual([
		"HD Webcam",
		"Other",
		"HD Webcam (2)",
		"HD Webcam (3)",
	]);
	expect(names("", "")).toEqual(["Camera", "Camera (2)"]);
});

test("a device whose own name looks counted keeps it, and no name is given twice", () => {
	for (const labels of [
		["A (2)", "A", "A"],
		["A", "A (2)", "A", "A (2)"],
		["A", "A", "A (2)", "A (2)", ""],
	]) {
		const given = names(...labels);
		expect(new Set(given).size).toBe(labels.length);
	}
});

test("only real devices of the kind are listed", () => {
	const found = [
		device("audioinput", "default", "Default - Headset"),
		device("audioinput", "one", "Headset"),
		device("videoinput", "two", "Webcam"),
		device("audioinput", "", ""),
	];
	expect(namedDevices(found, "audioinput", "Microphone")).toEqual([{ id: "one", name: "Headset" }]);
});
