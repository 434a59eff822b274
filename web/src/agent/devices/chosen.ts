// The camera, microphone and speaker that the agent chose. The browser remembers them, and they are
// used again when they come back.

import { effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import { t } from "../../i18n";
import { browser } from "../../ui/remember";
import { note } from "../../ui/toasts";
import { devices } from "../console";
import { again, type KeptDevice, readKept } from "./kept";
import { speaker, hearOn } from "./speaker";

interface Use {
	kind: MediaDeviceKind;
	/** The id of the device in use; null for the browser's own choice. */
	inUse(): string | null;
	/** Null: the browser's own choice. */
	use(id: string | null): Promise<boolean>;
	/** What is used at this moment is heard or seen. */
	runs(): boolean;
}

const USES = {
	camera: {
		kind: "videoinput",
		inUse: () => running(devices.camera) ?? devices.chosen.camera.peek(),
		use: (id) => devices.choose("camera", id),
		runs: () => devices.camera.peek() !== null,
	},
	microphone: {
		kind: "audioinput",
		inUse: () => running(devices.microphone) ?? devices.chosen.microphone.peek(),
		use: (id) => devices.choose("microphone", id),
		runs: () => devices.microphone.peek() !== null,
	},
	speaker: { kind: "audiooutput", inUse: () => speaker.peek(), use: hearOn, runs: () => false },
} as const satisfies Record<string, Use>;

export type DeviceUse = keyof typeof USES;
const ALL = Object.keys(USES) as DeviceUse[];

const kept = Object.fromEntries(ALL.map((of) => [of, signal(readKept(browser.recall(keyOf(of))))])) as Record<
	DeviceUse,
	Signal<KeptDevice | null>
>;

/** What the person chose, whether it is there or not. */
export const keptDevice: Readonly<Record<DeviceUse, ReadonlySignal<KeptDevice | null>>> = kept;

/** Uses a device, and remembers it; null for the browser's own choice. */
export async function chooseDevice(of: DeviceUse, id: string | null): Promise<boolean> {
	const before = kept[of].peek();
	const device = devices.found.peek().find((one) => one.kind === USES[of].kind && one.deviceId === id);
	const wanted = device === undefined ? null : { id: device.deviceId, label: device.label };
	// Before it is in use: it takes a second to open, and the page may be loaded again in it.
	keep(of, wanted);
	if (await USES[of].use(id)) return true;
	if (kept[of].peek() === wanted) keep(of, before);
	return false;
}

/** Uses from now on what was chosen, and again what comes back. */
export function followChosen(): void {
	for (const of of ["camera", "microphone"] as const) void devices.choose(of, kept[of].peek()?.id ?? null);
	let before = new Set<string>();
	effect(() => {
		const found = devices.found.value;
		// A device that stays and cannot be used is not tried again and again.
		const came = found.filter((one) => !before.has(keyed(one)));
		before = new Set(found.map(keyed));
		untracked(() => {
			for (const of of ALL) void takeBack(of, came, found);
		});
	});
}

async function takeBack(
	of: DeviceUse,
	came: readonly MediaDeviceInfo[],
	found: readonly MediaDeviceInfo[],
): Promise<void> {
	const { kind, inUse, use, runs } = USES[of];
	const wanted = kept[of].peek();
	const device = wanted === null ? null : again(wanted, found, kind);
	if (device === null || !came.includes(device) || inUse() === device.deviceId) return;
	const changes = runs();
	// Something else was chosen while the device opened.
	if (!(await use(device.deviceId)) || kept[of].peek() !== wanted) return;
	keep(of, { id: device.deviceId, label: device.label });
	if (changes) note(t("device_now", { device: device.label }));
}

function keep(of: DeviceUse, device: KeptDevice | null): void {
	kept[of].value = device;
	if (device === null) browser.forget(keyOf(of));
	else browser.remember(keyOf(of), JSON.stringify(device));
}

function keyOf(of: DeviceUse): string {
	return `device-${of}`;
}

function running(stream: ReadonlySignal<MediaStream | null>): string | null {
	return stream.peek()?.getTracks()[0]?.getSettings().deviceId ?? null;
}

const keyed = ({ kind, deviceId }: MediaDeviceInfo): string => `${kind} ${deviceId}`;
