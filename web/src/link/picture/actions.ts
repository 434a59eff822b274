// What the pages see of the shared picture and may ask of it: the contract's one implementation.

import { computed, type ReadonlySignal } from "@preact/signals";
import type { Body } from "../../session/outbox";
import type { PictureView, SentView, View } from "../../session/view";
import {
	type Ink,
	type Object as PictureObject,
	type Point,
	type Refusal,
	type Seat,
	STEP_MAX,
} from "../../wire/generated";
import type { Tool } from "../live/drawing";
import type { LiveLoader } from "../live/loader";
import { labelText } from "../server/text";
import type { BoardBase } from "./base";
import type { Darkroom } from "./darkroom";
import type { ChoiceTrouble } from "./developing";
import type { CaptureWatch } from "./capture-watch";
import type {
	BoardState,
	Drawing,
	PointerView,
	SendOutcome,
	SendState,
	Shared,
	ShownStroke,
	ShutterState,
} from "./contract";
import type { InkQueue } from "./ink-queue";
import type { Pictures } from "./pictures";
import type { PreviewFrame } from "./preview-frame";
import type { Sending } from "./sending";
import type { Shutter } from "./shutter";
import type { Stills } from "./stills";
import type { Taking } from "./taking";

export interface SharedPictureParts {
	seat: Seat;
	view: ReadonlySignal<View>;
	ending: ReadonlySignal<boolean>;
	/** The open board's picture. */
	picture: ReadonlySignal<PictureView | null>;
	base: BoardBase;
	capture: CaptureWatch;
	ink: InkQueue;
	live: LiveLoader;
	pictures: Pictures;
	preview: PreviewFrame;
	sending: Sending;
	shutter: Shutter;
	stills: Stills;
	taking: Taking;
	darkroom: Pick<Darkroom, "develop">;
	/** Queues a command; resolves with its answer. */
	request(body: Body): Promise<Refusal | null>;
}

export class SharedPicture implements Shared {
	readonly board: ReadonlySignal<BoardState | null>;
	readonly growing: ReadonlySignal<readonly ShownStroke[]>;
	readonly pointer: ReadonlySignal<PointerView | null>;
	readonly shutter: ReadonlySignal<ShutterState>;
	readonly sending: ReadonlySignal<SendState>;
	readonly blocked: ReadonlySignal<boolean>;
	readonly #parts: SharedPictureParts;

	constructor(parts: SharedPictureParts) {
		this.#parts = parts;
		const { live, shutter, sending } = parts;
		this.growing = live.growing;
		this.pointer = live.pointer;
		this.shutter = shutter.state;
		this.sending = sending.state;
		this.blocked = parts.taking.blocked;
		this.board = computed(() => {
			const picture = parts.picture.value;
			const ink = parts.ink.shown.value;
			const capture = parts.capture.state.value;
			if (picture === null || ink === null || capture === null) return null;
			return { picture, base: parts.base.image.value, capture, ...ink };
		});
	}

	source(video: HTMLVideoElement | null): void {
		this.#parts.stills.watch(video);
	}

	capture(): Promise<Refusal | null> {
		const { ending, stills } = this.#parts;
		// Pressed twice is pressed once.
		if (this.shutter.peek() === "waiting" && !ending.peek()) return Promise.resolve(null);
		if (this.shutter.peek() === "ready") void stills.pressed();
		return this.#request({ topic: "screenshots", type: "capture" });
	}

	captureAgain(picture: number): Promise<Refusal | null> {
		return this.#request({ topic: "screenshots", type: "capture_again", picture });
	}

	usePreviewFrame(): Promise<Refusal | "upload_failed" | "canvas_blocked" | null> {
		const { ending, preview } = this.#parts;
		return ending.peek() ? Promise.resolve({ why: "call_ended" }) : preview.use();
	}

	async bring(file: Blob): Promise<Refusal | ChoiceTrouble | "network" | null> {
		const { darkroom, taking } = this.#parts;
		const developed = await darkroom.develop(file).catch(() => "network" as const);
		if (typeof developed === "string") return developed;
		taking.choose(developed);
		return this.#request({ topic: "screenshots", type: "bring" });
	}

	reload(): void {
		const { board: picture } = this.#parts.view.peek();
		if (picture !== null) this.#parts.pictures.reloadBase(picture);
	}

	draw(tool: Tool, at: Point, pressure: number | null = null): Drawing | null {
		const open = this.board.peek();
		if (open === null || open.full || this.#parts.ending.peek()) return null;
		return this.#parts.live.begin(open.picture.id, tool, at, pressure);
	}

	put(given: Ink): void {
		const { ink } = this.#parts;
		const open = this.board.peek();
		const clean = cleanInk(given);
		if (open !== null && !open.full && clean !== null) ink.draw(open.picture.id, { mark: ink.mark(), ...clean });
	}

	nextStep(): number {
		const strokes = this.board.peek()?.strokes ?? [];
		const steps = strokes.map(({ ink }) => (ink.tool === "step" ? ink.number : 0));
		return Math.min(STEP_MAX, Math.max(0, ...steps) + 1);
	}

	undo(): void {
		this.#parts.ink.change("undo");
	}

	undoAll(): void {
		this.#parts.ink.change("undo_all");
	}

	redo(): void {
		this.#parts.ink.change("redo");
	}

	clear(picture: number): Promise<Refusal | null> {
		return this.#request({ topic: "annotation", type: "clear", picture });
	}

	async deletePicture(picture: number): Promise<Refusal | null> {
		return unlessDone(await this.#request({ topic: "screenshots", type: "delete", picture }));
	}

	async backToLive(picture: number): Promise<Refusal | null> {
		return unlessDone(await this.#request({ topic: "screenshots", type: "close", picture }));
	}

	open(picture: number): Promise<Refusal | null> {
		return this.#request({ topic: "screenshots", type: "open", picture });
	}

	send(picture: number): Promise<SendOutcome> {
		const { view, ending, sending } = this.#parts;
		if (ending.peek()) return Promise.resolve({ why: "call_ended" });
		return view.peek().board === picture ? sending.send(picture) : Promise.resolve({ why: "board_closed" });
	}

	point(over: "live" | "board", at: Point | null): void {
		this.#parts.live.point(over, at);
	}

	load(object: PictureObject): Promise<Blob> {
		return this.#parts.pictures.load(object);
	}

	held(object: PictureObject): Blob | null {
		return this.#parts.pictures.held(object);
	}

	fileName({ picture }: SentView, at_ms: number): string {
		const { pictures, utc_offset_min } = this.#parts.view.peek();
		const known = pictures.find(({ id }) => id === picture) ?? { taken_at_ms: at_ms, utc_offset_min };
		const there = new Date(known.taken_at_ms + (known.utc_offset_min ?? 0) * 60_000);
		const time = there.toISOString().slice(0, "2026-11-22T14:05:09".length);
		return `sightline-${time.replaceAll(":", "").replace("T", "-")}.jpg`;
	}

	#request(body: Body): Promise<Refusal | null> {
		const { ending, request } = this.#parts;
		return ending.peek() ? Promise.resolve({ why: "call_ended" }) : request(body);
	}
}

/** Both people pressed: the picture or board is gone, as requested. */
function unlessDone(refused: Refusal | null): Refusal | null {
	return refused?.why === "no_picture" || refused?.why === "board_closed" ? null : refused;
}

/** Cleans text as the server does; null where nothing is left. */
function cleanInk(ink: Ink): Ink | null {
	if (ink.tool !== "text") return ink;
	const text = labelText(ink.text);
	return text === "" ? null : { ...ink, text };
}
