// Switches camera and microphone during the call, and says why that failed.

import type { Signal } from "@preact/signals";
import { t } from "../i18n";
import type { Call, DeviceTrouble } from "../link/call";
import { toast } from "../ui/toasts";
import { turnMicrophone } from "./page";

export type Device = "camera" | "microphone";

/** A device that the browser blocks becomes `stuck`: its dialog holds more text than a toast. */
export async function turn(call: Call, device: Device, on: boolean, stuck: Signal<Device | null>): Promise<void> {
	const done = await (device === "camera" ? call.setCamera(on) : turnMicrophone(call, on));
	const { cameraTrouble, microphoneTrouble } = call.devices;
	const trouble = (device === "camera" ? cameraTrouble : microphoneTrouble).peek();
	if (!done && trouble === "denied") stuck.value = device;
	else if (stuck.peek() === device) stuck.value = null;
	// Without a trouble a later switch has replaced this one.
	if (!done && trouble !== null && trouble !== "denied") toast(troubleWords(device, trouble));
}

function troubleWords(device: Device, trouble: Exclude<DeviceTrouble, "denied">): string {
	switch (trouble) {
		case "busy":
			return t("device_failed");
		case "no_answer":
			return t(`ask_${device}`);
		case "absent":
			return t(device === "camera" ? "trouble_absent" : "microphone_absent");
		case "unsupported":
			return t(device === "camera" ? "trouble_unsupported" : "microphone_absent");
	}
}
