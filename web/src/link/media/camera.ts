// The own camera: which way it faces, and changing it for another one.

import { type Signal, signal } from "@preact/signals";
import type { Seat } from "../../wire/generated";
import {
	byDevice,
	byFacing,
	cameraTries,
	climb,
	deviceOf,
	type Facing,
	isLive,
	type PictureSize,
	pictureSize,
	stopTracks,
} from "./constraints";
import { Device, type DeviceHub } from "./device";

export class Camera extends Device {
	readonly facing: Signal<Facing>;
	/** The phone gives no picture although the camera is on. */
	readonly paused = signal(false);
	/** The ids of the rear cameras, the main one first; known once the browser names them. */
	readonly lenses = signal<readonly string[]>([]);
	readonly #size: PictureSize;
	/** The rear camera that the person chose, or that had to do. */
	#lens: string | null = null;

	constructor(hub: DeviceHub, seat: Seat) {
		super("camera", hub);
		this.facing = signal(seat === "customer" ? "environment" : "user");
		this.#size = pictureSize(seat);
	}

	protected tries(): MediaStreamConstraints[] {
		// The running one first: after an interruption it goes on from where it was.
		const device = this.chosen.peek() ?? deviceOf(this.stream.peek());
		const facing = this.facing.peek();
		return cameraTries(facing, device ?? this.#lensFor(facing), this.#size);
	}

	protected adopted(stream: MediaStream): void {
		const facing = facingOf(stream);
		if (facing !== undefined) this.facing.value = facing;
	}

	async flip(): Promise<boolean> {
		const { media } = this.hub;
		const before = this.stream.peek();
		if (media === null || this.changing || before === null) return false;
		// Many phones open one camera at a time: the old one is stopped before the new one is
		// requested.
		const faced = this.facing.peek();
		const wanted = faced === "environment" ? "user" : "environment";
		const device = deviceOf(before);
		const cameras = (await this.hub.list()).filter((one) => one.kind === "videoinput");
		if (this.changing || this.stream.peek() !== before) return false;
		const at = cameras.findIndex((one) => one.deviceId === device);
		const next = cameras[(at + 1) % Math.max(cameras.length, 1)]?.deviceId;
		stopTracks(before);
		const flipped = await this.exchange({
			requests: [
				...byDevice(this.#lensFor(wanted), this.#size),
				...byFacing(wanted, this.#size),
				...(next === device ? [] : byDevice(next, this.#size)),
			],
			// `ideal` may be answered with the very camera that was just left.
			unfit: (stream) => device !== undefined && deviceOf(stream) === device,
			recover: (wish) => this.#restore(wish, faced, device),
		});
		if (!flipped) return false;
		this.chosen.value = null;
		// Where the track does not say which way it faces, the wish is the best guess.
		if (facingOf(this.stream.peek()) === undefined) this.facing.value = wanted;
		return true;
	}

	/** Phones answer a request for a rear camera with any of them: the main one takes its place. */
	async sorted(lenses: readonly string[]): Promise<void> {
		this.lenses.value = lenses;
		const running = deviceOf(this.stream.peek());
		const lens = this.#lensFor("environment");
		if (running === undefined || lens === undefined || running === lens || !lenses.includes(running)) return;
		if (this.chosen.peek() === null) await this.#use(lens);
	}

	/** Changes to the next rear camera. Returns its place among them, or null on failure. */
	async nextLens(): Promise<number | null> {
		const lenses = this.lenses.peek();
		const at = lenses.indexOf(deviceOf(this.stream.peek()) ?? "");
		const next = (at + 1) % lenses.length;
		return (await this.#use(lenses[next])) ? next : null;
	}

	async #use(lens: string | undefined): Promise<boolean> {
		const before = this.stream.peek();
		if (lens === undefined || before === null || !isLive(before) || this.changing) return false;
		const running = deviceOf(before);
		this.#lens = lens;
		stopTracks(before);
		return this.exchange({
			requests: byDevice(lens, this.#size),
			recover: async (wish) => {
				this.#lens = running ?? null;
				await this.#restore(wish, "environment", running);
			},
		});
	}

	#lensFor(facing: Facing): string | undefined {
		return facing === "environment" ? (this.#lens ?? this.lenses.peek()[0]) : undefined;
	}

	/** Null: any camera that faces the usual way. */
	async choose(device: string | null): Promise<boolean> {
		const before = { stream: this.stream.peek(), chosen: this.chosen.peek(), facing: this.facing.peek() };
		this.chosen.value = device;
		if (before.stream === null || this.hub.media === null) return true;
		const running = deviceOf(before.stream);
		stopTracks(before.stream);
		return this.exchange({
			requests: device === null ? cameraTries(before.facing, null, this.#size) : byDevice(device, this.#size),
			recover: async (wish) => {
				this.chosen.value = before.chosen;
				await this.#restore(wish, before.facing, running);
			},
		});
	}

	/** Takes back the camera that was stopped for another one. */
	async #restore(wish: number, facing: Facing, device: string | undefined): Promise<void> {
		const { media } = this.hub;
		if (media === null) return;
		const requests = cameraTries(facing, device, this.#size);
		const got = await climb({ media, requests, wanted: () => this.isWish(wish) });
		if (typeof got !== "string") this.take(wish, got);
		else if (this.isWish(wish)) this.fail(got);
	}
}

function facingOf(stream: MediaStream | null): Facing | undefined {
	const facing = stream?.getTracks()[0]?.getSettings?.().facingMode;
	return facing === "environment" || facing === "user" ? facing : undefined;
}
