// The contract of the shared picture: what pages see of pictures, boards, ink and pointer, and what
// they may do.

import type { ReadonlySignal } from "@preact/signals";
import type { PictureView, SentView, ShownStroke } from "../../session/view";
import type { ChoiceTrouble } from "./developing";
import type { CaptureTrouble, Ink, Object as PictureObject, Point, Refusal, Seat } from "../../wire/generated";

export type { ShownStroke } from "../../session/view";

/** What lies under the strokes, decoded and ready to be painted. */
export interface BaseImage {
	image: CanvasImageSource;
	/** Pixels of the image. */
	width: number;
	height: number;
	/**
	 * `frame`: a still of the video, until the picture comes. `sharp`: from the camera. `low`: what
	 * the agent saw.
	 */
	quality: "frame" | "sharp" | "low";
}

/** How the base of the open board is coming. */
export type CaptureState =
	/** Requested, taken or on its way. `progress` 0..1 while this page uploads; null elsewhere. */
	| { state: "coming"; progress: number | null }
	/** It is there. */
	| { state: "there" }
	/**
	 * Not there after 8 s, or given up. `paused`: the customer's page is in the background; `away`:
	 * their connection is gone; `late`: the reason is not known. Both may request it again; the
	 * agent may use the frame they see.
	 */
	| { state: "failed"; why: CaptureTrouble | "paused" | "away" | "late"; canGoOn: boolean }
	/** The base is kept, but could not be loaded here: `reload()` tries again. */
	| { state: "unloadable" };

/**
 * The open board. A new object whenever anything in it changes; `strokes` keeps its identity while
 * no stroke does.
 */
export interface BoardState {
	picture: PictureView;
	/** The best image there is; null until there is one. */
	base: BaseImage | null;
	/** Standing strokes, own unsent ones included, in the order to paint them. */
	strokes: readonly ShownStroke[];
	capture: CaptureState;
	/** For this page's own strokes. */
	canUndo: boolean;
	canRedo: boolean;
	/** Strokes of either person stand. */
	canClear: boolean;
	/** The limit of strokes is reached. */
	full: boolean;
}

/** Where the other person points. */
export interface PointerView {
	seat: Seat;
	/** The picture pointed at; null for the live picture of the customer's camera. */
	picture: number | null;
	at: Point;
}

/** A stroke being drawn by this page. */
export interface Drawing {
	readonly mark: number;
	/** What to paint of it now. */
	readonly ink: ReadonlySignal<Ink | null>;
	/**
	 * Pen: further points (flat x, y) with pressure 0..255 or null. Others: the last point counts.
	 * Non-integers and places outside are clamped.
	 */
	add(points: readonly Point[], pressure?: readonly number[] | null): void;
	/** Finishes it: smoothed, simplified to the limit, and queued for the log. */
	finish(): void;
	/** Drops it: a second finger came, or the system took the pointer before it was a stroke. */
	drop(): void;
}

/** `picture`: which one is being sent; its board may be closed and another one open meanwhile. */
export type SendState =
	| { state: "composing"; picture: number }
	| { state: "uploading"; picture: number; progress: number }
	| null;

/**
 * The outcome of sending a picture: null when it is in the chat, `cancelled` when the picture was
 * deleted or the call is over. `canvas_blocked`: this browser does not let pages read pictures; the
 * other person's may.
 */
export type SendOutcome = Refusal | "upload_failed" | "canvas_blocked" | "cancelled" | null;

/**
 * Whether the shutter may be pressed, and why not. `waiting`: a press is not answered yet; `full`:
 * the session has as many pictures as it may.
 */
export type ShutterState = "ready" | "camera_off" | "nobody" | "waiting" | "full";

export interface Shared {
	/** The open board, or null for the live call. */
	readonly board: ReadonlySignal<BoardState | null>;
	/** Strokes the other person is drawing at the moment. */
	readonly growing: ReadonlySignal<readonly ShownStroke[]>;
	readonly pointer: ReadonlySignal<PointerView | null>;
	/** Whether the shutter may be pressed. */
	readonly shutter: ReadonlySignal<ShutterState>;
	/** This browser does not let pages read pictures: found when one was taken. */
	readonly blocked: ReadonlySignal<boolean>;
	/** This page is sending a picture to the chat: one at a time. */
	readonly sending: ReadonlySignal<SendState>;
	/**
	 * The element in which the page shows the customer's camera picture, live: stills are taken
	 * from it.
	 */
	source(video: HTMLVideoElement | null): void;
	/** The shutter. Freezes a frame of `source` at once. */
	capture(): Promise<Refusal | null>;
	/** Requests the picture again. */
	captureAgain(picture: number): Promise<Refusal | null>;
	/** Uses the frame that the agent sees as the base. */
	usePreviewFrame(): Promise<Refusal | "upload_failed" | "canvas_blocked" | null>;
	/** A file that the customer chose becomes a picture, like one from the shutter. */
	bring(file: Blob): Promise<Refusal | ChoiceTrouble | "network" | null>;
	/** Loads the base again after `unloadable`. */
	reload(): void;
	/**
	 * Starts a stroke of a tool that is drawn by moving. Null when no board is open, the board is
	 * full, or the live part is not loaded yet.
	 */
	draw(tool: "pen" | "arrow" | "circle" | "box", at: Point, pressure?: number | null): Drawing | null;
	/**
	 * Adds a finished stroke: text, a numbered step, or a shape that was placed by tapping or by
	 * keyboard.
	 */
	put(ink: Ink): void;
	/** The number the next step on the open board gets. */
	nextStep(): number;
	undo(): void;
	undoAll(): void;
	redo(): void;
	/** Removes everybody's strokes; the agent. */
	clear(picture: number): Promise<Refusal | null>;
	/**
	 * Deletes the picture that the person saw: the page may not have rendered yet that another one
	 * was opened.
	 */
	deletePicture(picture: number): Promise<Refusal | null>;
	backToLive(picture: number): Promise<Refusal | null>;
	open(picture: number): Promise<Refusal | null>;
	/**
	 * Composes, uploads and sends the open board. While it is being sent, a second press is the
	 * same wish; while another picture is being sent, this one waits its turn.
	 */
	send(picture: number): Promise<SendOutcome>;
	/** Points, or stops pointing (null). The agent. */
	point(over: "live" | "board", at: Point | null): void;
	/**
	 * Loads a kept picture's bytes, for showing and saving, and caches them. Rejects on failure.
	 */
	load(object: PictureObject): Promise<Blob>;
	/**
	 * A picture's bytes, if this page has them. Requests nothing, so it works after the call's end.
	 */
	held(object: PictureObject): Blob | null;
	/**
	 * The file name for saving a sent picture: by the picture's time, or by `at_ms` if the picture
	 * was deleted.
	 */
	fileName(sent: SentView, at_ms: number): string;
}
