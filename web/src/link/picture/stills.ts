// Stills of the video, frozen the moment the shutter is pressed on either side: shown until the
// picture comes.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { PictureView } from "../../session/view";
import { nextTask } from "../turn";
import { type Frame, release, type Showing } from "./capture";

export interface Still extends Frame {
	/** Set when the still shows this page's own camera at full size: as good as a picture. */
	camera: MediaStream | null;
}

export interface StillsOptions {
	freeze(video: Showing): Frame | null;
	/** The own camera, on the page whose picture is taken. */
	camera(): MediaStream | null;
	/** In the background an element shows an old frame. */
	hidden(): boolean;
	/** Server time. */
	now_ms(): number;
}

export class Stills {
	readonly #options: StillsOptions;
	readonly #stills = signal<ReadonlyMap<number, Still>>(new Map());
	#source: HTMLVideoElement | null = null;
	/** Counts what makes an earlier press void. */
	#presses = 0;
	#pressed: { still: Still; at_ms: number } | null = null;
	/** A picture for which there was nothing to freeze when it was requested. */
	#missing: PictureView | null = null;

	constructor(options: StillsOptions) {
		this.#options = options;
	}

	get all(): ReadonlySignal<ReadonlyMap<number, Still>> {
		return this.#stills;
	}

	get source(): HTMLVideoElement | null {
		return this.#source;
	}

	watch(video: HTMLVideoElement | null): void {
		if (video === this.#source) return;
		this.#source?.removeEventListener("loadeddata", this.#loaded);
		this.#source = video;
		this.#source?.addEventListener("loadeddata", this.#loaded);
		this.#loaded();
	}

	/**
	 * The shutter was pressed on this page: freezes what the person sees, in the task after the
	 * press, since it takes long on a slow processor.
	 */
	async pressed(): Promise<void> {
		this.#presses += 1;
		const press = this.#presses;
		await nextTask();
		// A picture was requested meanwhile, or the call is over.
		if (press !== this.#presses) return;
		const still = this.#freeze();
		if (this.#pressed !== null) release(this.#pressed.still);
		this.#pressed = still === null ? null : { still, at_ms: this.#options.now_ms() };
	}

	/** A picture is requested: it gets a still, if the request is new. */
	requested(picture: PictureView): void {
		if (this.#stills.peek().has(picture.id)) return;
		const now_ms = this.#options.now_ms();
		const pressed = this.#pressed;
		this.#pressed = null;
		this.#presses += 1;
		const fresh = now_ms - picture.asked_at_ms <= FRESH_MS;
		const own = fresh && pressed !== null && now_ms - pressed.at_ms <= PRESSED_MS ? pressed.still : null;
		if (pressed !== null && own === null) release(pressed.still);
		if (!fresh) return;
		const still = own ?? this.#freeze();
		this.#missing = still === null ? picture : null;
		if (still === null) return;
		// One board is open at a time.
		this.#replace(new Map([[picture.id, still]]));
	}

	/** The picture is there, or was deleted. */
	discard(picture: number): void {
		if (this.#missing?.id === picture) this.#missing = null;
		if (!this.#stills.peek().has(picture)) return;
		const stills = new Map(this.#stills.peek());
		stills.delete(picture);
		this.#replace(stills);
	}

	stop(): void {
		this.watch(null);
		this.#missing = null;
		this.#presses += 1;
		if (this.#pressed !== null) release(this.#pressed.still);
		this.#pressed = null;
		this.#replace(new Map());
	}

	/** Replaced stills are released later, because they may still be painted or read. */
	#replace(stills: ReadonlyMap<number, Still>): void {
		const old = [...this.#stills.peek()].filter(([id, still]) => stills.get(id) !== still);
		this.#stills.value = stills;
		if (old.length === 0) return;
		setTimeout(() => {
			for (const [, still] of old) release(still);
		}, RELEASE_MS);
	}

	readonly #loaded = (): void => {
		if (this.#missing !== null) this.requested(this.#missing);
	};

	#freeze(): Still | null {
		const source = this.#source;
		const frame = source === null ? null : this.#options.freeze(source);
		if (source === null || frame === null) return null;
		const camera = this.#options.camera();
		const own = camera !== null && source.srcObject === camera && !this.#options.hidden();
		return { ...frame, camera: own ? camera : null };
	}
}

/** For an older request, a still of the present would be wrong. */
const FRESH_MS = 20_000;
/** If the network delayed a press for longer, the still is a frame of the present. */
const PRESSED_MS = 10_000;
/** Longer than any browser needs for a JPEG. */
const RELEASE_MS = 15_000;
