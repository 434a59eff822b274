// What a call knows at the moment. Its parts write these signals; pages read them.

import { signal } from "@preact/signals";
import { EMPTY } from "../session/fold";
import type { View } from "../session/view";
import type { Refusal } from "../wire/generated";
import type { PausedPart, Stop } from "./call";

export class CallSignals {
	readonly view = signal<View>(EMPTY);
	readonly stop = signal<Stop | null>(null);
	readonly ready = signal(false);
	readonly joined = signal(false);
	readonly heldElsewhere = signal(false);
	/** The server has the other person's page. */
	readonly otherHere = signal(false);
	readonly otherPaused = signal<PausedPart | null>(null);
	/** Another page has the other person's link. */
	readonly otherShared = signal(false);
	readonly refusal = signal<Refusal | null>(null);
	readonly ending = signal(false);
}
