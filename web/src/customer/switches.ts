// Switches camera and microphone during the call, and says why that failed.

import { signal } from "@preact/signals";
import { t } from "../i18n";
import type { Call, DeviceTrouble } from "../link/call";
import { toast } from "../ui/toasts";
import { turnMicrophone } from "./page";

export type Device = "camera" | "microphone";

export class Switches {
	/** A device that the browser blocks: its dialog holds more text than a toast. */
	readonly stuck = signal<Device | null>(null);
	readonly #call: Call;

	constructor(call: Call) {
		this.#call = call;
	}

	async turn(device: Device, on: boolean): Promise<void> {
		const call = this.#call;
		const done = await (device === "camera" ? call.setCamera(on) : turnMicrophone(call, on));
		const { cameraTrouble, microphoneTrouble } = call.devices;
		const trouble = (device === "camera" ? cameraTrouble : microphoneTrouble).peek();
		if (!done && trouble === "denied") this.stuck.value = device;
		else if (this.stuck.peek() === device) this.stuck.value = null;
		// Without a trouble a later switch has replaced this one.
		if (!done && trouble !== null && trouble !== "denied") toast(troubleWords(device, trouble));
	}
}

function troubleWords(device: Device, trouble: Exclude<DeviceTrouble, "denied">): string {
	if (trouble === "busy") return t("device_failed");
	if (trouble === "no_answer") return t(`ask_${device}`);
	return t(device === "microphone" ? "microphone_absent" : `trouble_${trouble}`);
}
