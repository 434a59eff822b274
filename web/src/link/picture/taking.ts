// The customer's page takes the pictures that either person requests, and uploads them.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { PictureView, View } from "../../session/view";
import type { CaptureTrouble, Refusal } from "../../wire/generated";
import { type Frame, release } from "./capture";
import type { Delivery } from "./delivery";
import type { Still } from "./stills";

export interface TakingOptions {
	view(): View;
	camera(): MediaStream | null;
	hidden(): boolean;
	/** Server time. */
	now_ms(): number;
	/** The still that was frozen for the picture. */
	still(picture: number): Still | null;
	/**
	 * Takes a frame of the camera; null when none comes in time. `fresh`: not from the page's own
	 * element.
	 */
	grab(camera: MediaStream, fresh: boolean): Promise<Frame | null>;
	jpeg(frame: Frame): Promise<Blob | null>;
	/** This browser gives back other pixels than were painted; `again`: perhaps not any more. */
	lies(again: boolean): Promise<boolean>;
	delivery: Delivery;
	tell(picture: number, attempt: number): Promise<Refusal | null>;
	failed(picture: number, attempt: number, why: CaptureTrouble): void;
	/** These bytes are in the store as the picture's base. */
	landed(picture: number, frame: Frame, body: Blob): void;
}

/** A picture that can be uploaded. */
export interface Taken {
	frame: Frame;
	body: Blob;
}

/** How far an upload is. */
export interface Progress {
	/** 0 to 1. */
	part: number;
	/** When it last moved, server time. */
	moved_at_ms: number;
}

/** Work on one picture. */
interface Shot {
	/** The newest attempt that was begun. */
	attempt: number;
	running: boolean;
	over: AbortController;
}

export class Taking {
	readonly #options: TakingOptions;
	readonly #shots = new Map<number, Shot>();
	readonly #progress = signal<ReadonlyMap<number, Progress>>(new Map());
	readonly #blocked = signal(false);
	/** The newest file that the customer chose. */
	#chosen: Taken | null = null;

	constructor(options: TakingOptions) {
		this.#options = options;
	}

	/** Progress of the pictures that are being uploaded. */
	get progress(): ReadonlySignal<ReadonlyMap<number, Progress>> {
		return this.#progress;
	}

	/** This browser does not let pages read pictures. */
	get blocked(): ReadonlySignal<boolean> {
		return this.#blocked;
	}

	/** The next picture from elsewhere is this one. */
	choose(chosen: Taken): void {
		this.#chosen = chosen;
	}

	/**
	 * The view changed: begins pictures that are requested and drops those that are not needed any
	 * more.
	 */
	update(): void {
		const { pictures } = this.#options.view();
		const open = new Map(pictures.filter(({ base }) => base === null).map((one) => [one.id, one]));
		for (const [id, shot] of this.#shots) {
			if (open.has(id)) continue;
			shot.over.abort();
			this.#shots.delete(id);
			this.#setProgress(id, null);
		}
		for (const picture of open.values()) this.#takeUp(picture);
	}

	stop(): void {
		for (const shot of this.#shots.values()) shot.over.abort();
		this.#shots.clear();
	}

	#takeUp(picture: PictureView): void {
		const known = this.#shots.get(picture.id);
		if (known !== undefined && (known.running || known.attempt >= picture.attempt)) return;
		// Requested before a reload of this page, or from another device.
		const old = this.#options.now_ms() - picture.asked_at_ms > TAKE_MS;
		if (known === undefined && (old || picture.failed !== null)) return;
		const shot = known ?? { attempt: 0, running: false, over: new AbortController() };
		this.#shots.set(picture.id, shot);
		void this.#run(picture, shot);
	}

	async #run(picture: PictureView, shot: Shot): Promise<void> {
		shot.running = true;
		shot.attempt = picture.attempt;
		const trouble = await this.#takeAndUpload(picture, shot);
		shot.running = false;
		if (shot.over.signal.aborted) return;
		this.#setProgress(picture.id, null);
		const newer = this.#options.view().pictures.find(({ id }) => id === picture.id);
		if (trouble === null || newer === undefined || newer.base !== null) return;
		// Requested again meanwhile: only the newest attempt counts.
		if (newer.attempt > shot.attempt) this.#takeUp(newer);
		else this.#options.failed(picture.id, shot.attempt, trouble);
	}

	async #takeAndUpload(view: PictureView, shot: Shot): Promise<CaptureTrouble | null> {
		const { id: picture, attempt } = view;
		const { signal: over } = shot.over;
		const taken = view.source === "camera" ? await this.#takeFrame(view, over) : (this.#chosen ?? "no_picture");
		if (typeof taken === "string") return taken;
		if (over.aborted) return null;
		const { frame, body } = taken;
		this.#setProgress(picture, 0);
		const became = await this.#options.delivery.deliver({
			upload: { kind: "sharp", picture, attempt },
			body,
			landed: () => this.#options.landed(picture, frame, body),
			tell: () => this.#options.tell(picture, attempt),
			progress: (part) => this.#setProgress(picture, part),
			signal: over,
		});
		if (became === null) return null;
		if (became === "upload_failed") return "upload_failed";
		if (GONE.has(became.why)) return null;
		return became.why === "bad_picture" ? "no_picture" : "upload_failed";
	}

	async #takeFrame(
		{ id: picture, attempt, asked_at_ms }: PictureView,
		over: AbortSignal,
	): Promise<Taken | CaptureTrouble> {
		const { camera, hidden, still, grab, jpeg, lies } = this.#options;
		this.#blocked.value = await lies(attempt > 1);
		if (this.#blocked.peek()) return "canvas_blocked";
		// A repeated request takes a new picture: the time of that request is stamped on it.
		const frozen = attempt === 1 ? still(picture) : null;
		let frame: Frame | null = frozen === null || frozen.camera === null ? null : frozen;
		if (frame === null) {
			if (!(await this.#cameraRuns(asked_at_ms, over))) return "camera_off";
			const was_hidden = hidden();
			if (was_hidden && !(await until(() => !hidden(), VISIBLE_MS, over))) return "in_background";
			for (let stream = camera(); frame === null && stream !== null && !over.aborted; ) {
				frame = await grab(stream, was_hidden);
				// A flip replaced the camera meanwhile.
				const next = camera();
				if (frame === null && next === stream) break;
				stream = next;
			}
			if (frame === null && hidden()) return "in_background";
			if (frame === null) return camera() === null ? "camera_off" : "no_picture";
		}
		const body = await jpeg(frame);
		if (frame !== frozen) release(frame);
		return body === null ? "no_picture" : { frame, body };
	}

	/**
	 * Waits for the camera: after a reload it is being started while the log says that it is on.
	 */
	async #cameraRuns(asked_at_ms: number, over: AbortSignal): Promise<boolean> {
		const { camera, view, now_ms } = this.#options;
		const off = (): boolean => !view().seats.customer.camera;
		await until(() => camera() !== null || off(), asked_at_ms + TAKE_MS - now_ms(), over);
		return camera() !== null;
	}

	#setProgress(picture: number, part: number | null): void {
		const progress = new Map(this.#progress.peek());
		const before = progress.get(picture);
		if (part === null) {
			if (!progress.delete(picture)) return;
		} else if (before?.part !== part) progress.set(picture, { part, moved_at_ms: this.#options.now_ms() });
		else return;
		this.#progress.value = progress;
	}
}

/** Checks now and then until the condition holds; false when it does not in time. */
async function until(is: () => boolean, limit_ms: number, over: AbortSignal): Promise<boolean> {
	for (let waited = 0; !is(); waited += LOOK_MS) {
		if (waited >= limit_ms || over.aborted) return false;
		await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
	}
	return true;
}

const LOOK_MS = 100;
/** A phone that rang is back by then, or stays away. */
const VISIBLE_MS = 6_000;
const TAKE_MS = 20_000;
/** The picture is not wanted any more, or is there already. */
const GONE: ReadonlySet<Refusal["why"]> = new Set(["no_picture", "call_ended", "moved", "no_seat", "not_joined"]);
