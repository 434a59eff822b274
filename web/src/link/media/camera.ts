// The own camera: which way it faces, and changing it for another one.

import { type Signal, signal } from "@preact/signals";
import type { Seat } from "../../wire/generated";
import {
	byDevice,
	cameraOf,
	cameraTries,
	type Facing,
	firstOf,
	otherCamera,
	type PictureSize,
	pictureSize,
	stopTracks,
	troubleOf,
} from "./constraints";
import { Device, type DeviceHub } from "./device";

export class Camera extends Device {
	readonly facing: Signal<Facing>;
	readonly #size: PictureSize;

	constructor(hub: DeviceHub, seat: Seat) {
		super("camera", hub);
		this.facing = signal(seat === "customer" ? "environment" : "user");
		this.#size = pictureSize(seat);
	}

	protected tries(): MediaStreamConstraints[] {
		return cameraTries(this.facing.peek(), this.chosen, this.#size);
	}

	protected adopted(stream: MediaStream): void {
		const facing = stream.getTracks()[0]?.getSettings?.().facingMode;
		if (facing === "environment" || facing === "user") this.facing.value = facing;
	}

	async flip(): Promise<boolean> {
		const { hub } = this;
		const before = this.stream.peek();
		if (hub.media === null || hub.switching || before === null) return false;
		hub.switching = true;
		const wish = this.newWish();
		const faced = this.facing.peek();
		const wanted = faced === "environment" ? "user" : "environment";
		const device = cameraOf(before);
		// Many phones open one camera at a time: the old one must be stopped before the new one is
		// requested.
		stopTracks(before);
		try {
			const stream = await otherCamera(hub.media, wanted, device, this.#size);
			if (!this.take(wish, stream)) return false;
			this.chosen = null;
			// Where the track does not say which way it faces, the wish is the best guess.
			if (stream.getVideoTracks()[0]?.getSettings?.().facingMode === undefined) this.facing.value = wanted;
			return true;
		} catch {
			await this.#restore(wish, faced, device);
			return false;
		} finally {
			hub.switching = false;
		}
	}

	async choose(device: string): Promise<boolean> {
		const before = { stream: this.stream.peek(), chosen: this.chosen, facing: this.facing.peek() };
		this.chosen = device;
		if (before.stream === null || this.hub.media === null) return true;
		const running = cameraOf(before.stream);
		stopTracks(before.stream);
		this.hub.switching = true;
		return this.request(async (wish) => {
			this.chosen = before.chosen;
			await this.#restore(wish, before.facing, running);
		}).finally(() => {
			this.hub.switching = false;
		});
	}

	/** Takes back the camera that was stopped for another one. */
	async #restore(wish: number, facing: Facing, device: string | null): Promise<void> {
		const { media } = this.hub;
		if (media === null) return;
		try {
			const tries = [
				...(device === null ? [] : byDevice(device, this.#size)),
				...cameraTries(facing, null, this.#size),
			];
			this.take(wish, await firstOf(media, tries));
		} catch (error) {
			if (this.isWish(wish)) this.fail(troubleOf(error));
		}
	}
}
