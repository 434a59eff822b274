// What a call knows at the moment. Its parts write these signals; pages read them.

import { signal } from "@preact/signals";
import { EMPTY } from "../session/fold";
import type { View } from "../session/view";
import type { Refusal } from "../wire/generated";
import type { PausedPart, Stop } from "./call";
import type { CameraControls } from "./media/controls";
import type { Flow } from "./vitals/flow";

export class CallSignals {
	readonly view = signal<View>(EMPTY);
	readonly stop = signal<Stop | null>(null);
	readonly ready = signal(false);
	readonly joined = signal(false);
	readonly heldElsewhere = signal(false);
	/** The server has the other person's page. */
	readonly otherHere = signal(false);
	/** When the server lost the other person's page, on the clock. */
	readonly otherUnattached = signal<number | null>(null);
	readonly otherPaused = signal<PausedPart | null>(null);
	/** Another page has the other person's link. */
	readonly otherShared = signal(false);
	readonly refusal = signal<Refusal | null>(null);
	readonly ending = signal(false);
	/** What comes of the other person's page, over the relay. */
	readonly flow = signal<Flow>("unknown");
	readonly relayHeard = signal(true);
	/** Sound or picture are bad. */
	readonly weak = signal(false);
	/** Whose camera comes as still pictures, because the link carries no video. */
	readonly stills = signal<"own" | "other" | null>(null);
	/** The agent asked for a call that uses little data. */
	readonly saves = signal(false);
	/** What the own camera has, to be told to the other page. */
	readonly controls = signal<CameraControls>({});
	/** What the other person's camera has. */
	readonly otherControls = signal<CameraControls>({});
	/** Sent and received for sound and picture, bytes. */
	readonly used_bytes = signal(0);
}
