// The shutter button: whether it may be pressed, and why not.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Command, Settled } from "../../session/outbox";
import type { View } from "../../session/view";
import { PICTURES_MAX, type Seat } from "../../wire/generated";
import { others } from "../../wire/seats";
import type { ShutterState } from "./contract";

export interface ShutterOptions {
	seat: Seat;
	view: ReadonlySignal<View>;
	/** The own camera. */
	camera: ReadonlySignal<MediaStream | null>;
	joined: ReadonlySignal<boolean>;
	ending: ReadonlySignal<boolean>;
}

export class Shutter {
	readonly state: ReadonlySignal<ShutterState>;
	/** Pressed by this page, and the head up to which the answered press may not be in the log. */
	readonly #pressed = signal<{ id: number; head: number } | null>(null);

	constructor({ seat, view, camera, joined, ending }: ShutterOptions) {
		this.state = computed(() => {
			const { seats, head, pictures } = view.value;
			const pressed = this.#pressed.value;
			if (ending.value || (pressed !== null && head < pressed.head)) return "waiting";
			const away = seat === "agent" && seats.customer.away !== null;
			if (!joined.value || others(seat).every((other) => !seats[other].joined) || away) return "nobody";
			const on = seat === "customer" ? camera.value !== null : seats.customer.camera;
			if (!on) return "camera_off";
			return pictures.length >= PICTURES_MAX ? "full" : "ready";
		});
	}

	queued({ id, body }: Pick<Command, "id" | "body">): void {
		if (body.type === "capture" || body.type === "bring") this.#pressed.value = { id, head: Number.POSITIVE_INFINITY };
	}

	settled({ command: { id }, refused, head }: Settled): void {
		if (this.#pressed.peek()?.id !== id) return;
		this.#pressed.value = refused === null ? { id, head: head ?? 0 } : null;
	}
}
