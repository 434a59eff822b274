// What pages see of a call and may ask of it: the contract's one implementation.

import type { ReadonlySignal, Signal } from "@preact/signals";
import type { View } from "../session/view";
import type { GuestCommand, LobbyStep, Refusal, Seat, SessionId } from "../wire/generated";
import type { Call, ConnectionState, Devices, JoinOptions, Stop } from "./call";
import type { CameraControls } from "./media/controls";
import type { MediaState } from "./media/own-media";
import type { MediaTrouble } from "./media/trouble";
import type { CallParts } from "./parts";
import type { Shared } from "./picture/contract";
import { OVER } from "./server/refusals";
import { chatText, displayName } from "./server/text";

export class PageCall implements Call {
	readonly session: SessionId;
	readonly seat: Seat;
	readonly devices: Devices;
	readonly view: ReadonlySignal<View>;
	readonly connection: ReadonlySignal<ConnectionState>;
	readonly stop: ReadonlySignal<Stop | null>;
	readonly ready: ReadonlySignal<boolean>;
	readonly joined: ReadonlySignal<boolean>;
	readonly media: ReadonlySignal<MediaState>;
	readonly heldElsewhere: ReadonlySignal<boolean>;
	readonly remote: ReadonlySignal<MediaStream | null>;
	readonly remotePicture: ReadonlySignal<boolean>;
	readonly socketBlocked: ReadonlySignal<boolean>;
	readonly mediaTrouble: ReadonlySignal<MediaTrouble | null>;
	readonly held: ReadonlySignal<boolean>;
	readonly otherTyping: ReadonlySignal<boolean>;
	readonly otherHere: ReadonlySignal<boolean>;
	readonly otherShared: ReadonlySignal<boolean>;
	readonly clockOffset: ReadonlySignal<number>;
	readonly refusal: ReadonlySignal<Refusal | null>;
	readonly ending: ReadonlySignal<boolean>;
	readonly stills: ReadonlySignal<"own" | "other" | null>;
	readonly saves: Signal<boolean>;
	readonly controls: Signal<CameraControls>;
	readonly otherControls: ReadonlySignal<CameraControls>;
	readonly usedBytes: ReadonlySignal<number>;
	readonly shared: Shared;
	readonly #parts: CallParts;

	constructor(parts: CallParts, connection: ReadonlySignal<ConnectionState>) {
		this.#parts = parts;
		const { signals, attachment, peer, ownMedia, lifecycle, sharing } = parts;
		this.session = parts.session;
		this.seat = parts.seat;
		this.devices = parts.devices;
		this.view = signals.view;
		this.connection = connection;
		this.stop = signals.stop;
		this.ready = signals.ready;
		this.joined = signals.joined;
		this.media = ownMedia.state;
		this.heldElsewhere = signals.heldElsewhere;
		this.remote = peer.remote;
		this.remotePicture = peer.remotePicture;
		this.socketBlocked = attachment.blocked;
		this.mediaTrouble = peer.trouble;
		this.held = parts.commands.held;
		this.otherTyping = lifecycle.otherTyping;
		this.otherHere = signals.otherHere;
		this.otherShared = signals.otherShared;
		this.clockOffset = attachment.clockOffset;
		this.refusal = signals.refusal;
		this.ending = signals.ending;
		this.stills = signals.stills;
		this.saves = signals.saves;
		this.controls = signals.controls;
		this.otherControls = signals.otherControls;
		this.usedBytes = signals.used_bytes;
		this.shared = sharing.shared;
	}

	dismiss(): void {
		this.#parts.signals.refusal.value = null;
	}

	lobby(step: LobbyStep): void {
		this.#parts.commands.push({ topic: "session", type: "lobby", step });
	}

	rename(name: string): void {
		const clean = displayName(name);
		if (clean !== "") this.#parts.commands.push({ topic: "session", type: "rename", name: clean });
	}

	async join({ name, videoOnly, take, arrival }: JoinOptions): Promise<Refusal | null> {
		const { commands, ownMedia } = this.#parts;
		if (this.ending.peek()) return { why: "call_ended" };
		if (videoOnly) this.devices.stopMicrophone();
		return commands.request({
			topic: "session",
			type: "join",
			name: displayName(name) || "Guest",
			video_only: videoOnly,
			...ownMedia.begin(),
			take,
			...(arrival === undefined ? {} : { arrival }),
		});
	}

	say(text: string): void {
		const { commands, history } = this.#parts;
		const clean = chatText(text);
		if (clean === "") return;
		commands.push({ topic: "chat", type: "say", text: clean }, (id, at_ms) => {
			history.addLine(id, clean, at_ms);
			history.publish();
		});
	}

	sayAgain(n: number): void {
		const text = this.#parts.history.takeFailedLine(n);
		if (text !== null) this.say(text);
	}

	typing(): void {
		this.#parts.lifecycle.typing();
	}

	setMicrophone(on: boolean): Promise<boolean> {
		return this.#parts.ownMedia.setMicrophone(on);
	}

	setCamera(on: boolean): Promise<boolean> {
		return this.#parts.ownMedia.setCamera(on);
	}

	flip(): Promise<boolean> {
		return this.devices.flip();
	}

	guest(command: GuestCommand): Promise<Refusal | null> {
		return this.#parts.commands.request({ topic: "guest", ...command });
	}

	async cancel(): Promise<Refusal | null> {
		return unlessOver(await this.#parts.commands.request({ topic: "session", type: "cancel" }));
	}

	async end(): Promise<Refusal | null> {
		const { signals, commands } = this.#parts;
		signals.ending.value = !this.#parts.isOver;
		this.devices.stopAll();
		return unlessOver(await commands.request({ topic: "session", type: "end" }));
	}

	retryNow(): void {
		this.#parts.attachment.probe();
		this.#parts.peer.retryNow();
	}

	close(): void {
		this.#parts.attachment.say({ topic: "session", type: "leave" });
		this.#parts.close({ why: "not_attached" });
	}
}

/** Both people pressed, or it was over already: what was requested is so. */
function unlessOver(refused: Refusal | null): Refusal | null {
	return refused !== null && OVER.has(refused.why) ? null : refused;
}
