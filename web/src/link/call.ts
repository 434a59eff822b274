// The contract between the pages and the network: pages read signals and call methods; nothing in a
// page touches a socket, a peer connection or getUserMedia.

import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Arrival, GuestCommand, LobbyStep, Refusal, Seat, SessionId } from "../wire/generated";
import type { View } from "../session/view";
import type { CameraControls } from "./media/controls";
import type { MediaTrouble } from "./media/trouble";
import type { Shared } from "./picture/contract";

/** The state of the link to the other person. */
export type ConnectionState =
	| { state: "connecting" }
	/** Sound and a moving picture. `signalling`: whose page has lost the server meanwhile. */
	| { state: "live"; signalling?: "own" | "other" }
	/** Media flows, but badly: many packets are lost, or the picture stands still or jumps. */
	| { state: "weak"; signalling?: "own" | "other" }
	/** Socket or media is gone and being rebuilt; `retry_in_s` counts down to the next try. */
	| { state: "reconnecting"; retry_in_s: number; lost: "socket" | "media" | "other_person" }
	/** The other page is in the background, or a phone keeps its camera's picture back. */
	| { state: "paused"; whose: "own" | "other"; what: PausedPart }
	| { state: "ended" };

/** The whole page, or its camera only: sound goes on. */
export type PausedPart = "page" | "camera";

/** Why a page cannot go on by itself. */
export type Stop =
	/** Another page took this seat. */
	| { why: "moved" }
	/** The agent took back the customer's link and made a new one. */
	| { why: "renewed" }
	/**
	 * The cookie gives no seat (any more): the customer must open the link again, or the agent sign
	 * in.
	 */
	| { why: "no_seat" }
	/** The server speaks another version, and a reload did not help. */
	| { why: "version" };

/** What went wrong with a device, in the words of the lobby's screens. */
export type DeviceTrouble = "denied" | "absent" | "busy" | "no_answer" | "unsupported";

/** The local camera and microphone. */
export interface Devices {
	/**
	 * The picture to preview; null while the camera is off. During a flip it keeps the old stream
	 * until the new one is there: its track has ended, and its element still shows the last
	 * picture.
	 */
	readonly camera: ReadonlySignal<MediaStream | null>;
	readonly microphone: ReadonlySignal<MediaStream | null>;
	/** Loudness of the own microphone, 0..1, about ten times a second while it is watched. */
	readonly level: ReadonlySignal<number>;
	readonly cameraTrouble: ReadonlySignal<DeviceTrouble | null>;
	readonly microphoneTrouble: ReadonlySignal<DeviceTrouble | null>;
	/** The browser's question is open. */
	readonly asking: ReadonlySignal<"camera" | "microphone" | null>;
	/** Which way the camera faces, as far as known. */
	readonly facing: ReadonlySignal<"environment" | "user">;
	/** The phone has kept back the camera's picture for 5 s; it clears by itself. */
	readonly paused: ReadonlySignal<boolean>;
	/** The element that shows the camera on the screen; its frames are watched. */
	shows(video: HTMLVideoElement | null): void;
	/** The device has more than one camera. */
	readonly canFlip: ReadonlySignal<boolean>;
	/** The browser's devices, as far as it tells. Follows changes while a device is in use. */
	readonly found: ReadonlySignal<readonly MediaDeviceInfo[]>;
	/** The newest track that took the place of a device that went away. */
	readonly replacement: ReadonlySignal<MediaStreamTrack | null>;
	/** The ids of the devices that the person chose. */
	readonly chosen: Readonly<Record<"camera" | "microphone", ReadonlySignal<string | null>>>;
	/**
	 * Requests the camera. Only called from a tap. Resolves when it is granted or when the trouble
	 * is known.
	 */
	startCamera(): Promise<boolean>;
	startMicrophone(): Promise<boolean>;
	stopCamera(): void;
	stopMicrophone(): void;
	/**
	 * Stops the old track and requests the other camera (exact, ideal, by device); takes the old
	 * camera back on failure.
	 */
	flip(): Promise<boolean>;
	/** The customer's rear cameras, the main one first; empty while the browser does not tell. */
	readonly lenses: ReadonlySignal<readonly string[]>;
	/** Changes to the next rear camera. Resolves to its place among them; null on failure. */
	nextLens(): Promise<number | null>;
	/** Asks the browser which devices there are; `found` has them, too. */
	list(): Promise<readonly MediaDeviceInfo[]>;
	/** Uses this device; null for the browser's own choice. Keeps the old one on failure. */
	choose(kind: "camera" | "microphone", deviceId: string | null): Promise<boolean>;
	/** Turns everything off. */
	stopAll(): void;
}

export interface JoinOptions {
	name: string;
	/** The person is on the telephone: no microphone, no sound. */
	videoOnly: boolean;
	/** Move the call here although another page holds the seat. */
	take: boolean;
	/** What the person joins with, for the record of the call. The customer’s page tells it. */
	arrival?: Arrival;
}

/**
 * One page's hold on one session. After a reload in the middle of a call it goes on by itself: it
 * holds its seat again, repeats unanswered commands, and starts the devices that were on if the
 * browser grants them without a question.
 */
export interface Call {
	readonly session: SessionId;
	readonly seat: Seat;
	readonly devices: Devices;
	readonly view: ReadonlySignal<View>;
	readonly connection: ReadonlySignal<ConnectionState>;
	readonly stop: ReadonlySignal<Stop | null>;
	/** `attached` was answered: the view is complete up to the head of that moment. */
	readonly ready: ReadonlySignal<boolean>;
	/** This page holds its seat. */
	readonly joined: ReadonlySignal<boolean>;
	/**
	 * What this page's own buttons show (`aria-pressed`): the page's own truth, ahead of the log.
	 */
	readonly media: ReadonlySignal<{ microphone: boolean; camera: boolean }>;
	/** Another page holds the seat: offer "Move the call here". */
	readonly heldElsewhere: ReadonlySignal<boolean>;
	/**
	 * The other person's sound and picture: one stream, the same object once present. When media is
	 * rebuilt its tracks change; an element that plays it goes on.
	 */
	readonly remote: ReadonlySignal<MediaStream | null>;
	/** Remote video frames are being decoded. */
	readonly remotePicture: ReadonlySignal<boolean>;
	/**
	 * The server answers requests, and no WebSocket to it opens: something in this network blocks
	 * them.
	 */
	readonly socketBlocked: ReadonlySignal<boolean>;
	/** What is wrong with sound and picture, if trying again does not help. */
	readonly mediaTrouble: ReadonlySignal<MediaTrouble | null>;
	/** The server cannot store anything at the moment. Commands wait, sound and picture go on. */
	readonly held: ReadonlySignal<boolean>;
	/** The other person is typing. */
	readonly otherTyping: ReadonlySignal<boolean>;
	/** The other person's page is attached to the server. */
	readonly otherHere: ReadonlySignal<boolean>;
	/** Another page has the other person's link. */
	readonly otherShared: ReadonlySignal<boolean>;
	/**
	 * Server clock minus page clock (`World.clock`), milliseconds; page time plus this is server
	 * time.
	 */
	readonly clockOffset: ReadonlySignal<number>;
	/** A refused command, for a message on the screen; `dismiss()` clears it. */
	readonly refusal: ReadonlySignal<Refusal | null>;
	/**
	 * `end` is not answered yet: from `end()` until the log says so or it is refused, after a
	 * reload too. The devices stay off meanwhile; `join`, `setCamera` and `setMicrophone` do
	 * nothing.
	 */
	readonly ending: ReadonlySignal<boolean>;
	/** Whose camera comes as still pictures, because the link carries no video. */
	readonly stills: ReadonlySignal<"own" | "other" | null>;
	/** Both cameras send less, to save data. The agent's page sets it, and tells the other one. */
	readonly saves: Signal<boolean>;
	/** What the own camera has: the customer's page finds out, and tells the agent's. */
	readonly controls: Signal<CameraControls>;
	/** What the other person's camera has. */
	readonly otherControls: ReadonlySignal<CameraControls>;
	/** Sent and received by this page for sound and picture, bytes. */
	readonly usedBytes: ReadonlySignal<number>;
	dismiss(): void;
	lobby(step: LobbyStep): void;
	rename(name: string): void;
	/** Takes the seat and lets media flow. Devices that are on are sent. */
	join(options: JoinOptions): Promise<Refusal | null>;
	say(text: string): void;
	/** Sends a failed line again. */
	sayAgain(n: number): void;
	typing(): void;
	setMicrophone(on: boolean): Promise<boolean>;
	setCamera(on: boolean): Promise<boolean>;
	flip(): Promise<boolean>;
	/** The customer's devices: the agent switches them off or asks, the customer answers. */
	guest(command: GuestCommand): Promise<Refusal | null>;
	/** Pictures, boards, ink and pointer. */
	readonly shared: Shared;
	/** Cancels the invite; the agent. */
	cancel(): Promise<Refusal | null>;
	/** Ends the call for both. Devices stop at once. */
	end(): Promise<Refusal | null>;
	/** Tries now instead of waiting for the countdown. */
	retryNow(): void;
	/** Closes this page's part without ending the call (navigation inside the console). */
	close(): void;
}
