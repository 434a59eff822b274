// The live part of a board: strokes while they are drawn, and the pointer. A chunk of its own,
// because it is not needed before a call runs.

import type { ReadonlySignal } from "@preact/signals";
import type { View } from "../../session/view";
import type { PageSays } from "../../wire/generated";
import { Inking, type InkingOptions } from "./drawing";
import { LiveChannel, type LiveChannelOptions } from "./channel";
import { OtherComposer } from "./other-composer";
import { Pointing } from "./pointing";

export interface LiveOptions extends Omit<InkingOptions, "channel" | "pointing" | "compose"> {
	live: { state: LiveChannelOptions["live"]; say: LiveChannelOptions["sayLive"] };
	say(says: PageSays): boolean;
	view: ReadonlySignal<View>;
	/** Composes and sends a picture. */
	send(picture: number): Promise<unknown>;
	/** This browser gives pages no pictures. */
	lies(): Promise<boolean>;
}

export interface Live {
	readonly inking: Inking;
	readonly pointing: Pointing;
	readonly composer: OtherComposer;
	stop(): void;
}

export function createLive(options: LiveOptions): Live {
	const { seat, clock, board, live, say, view, send, lies } = options;
	const channel = new LiveChannel({
		clock,
		live: live.state,
		sayLive: live.say,
		saySocket: (passing) => say({ topic: "annotation", type: "passing", passing }),
	});
	const pointing = new Pointing({ seat, channel, board: () => board.peek()?.id ?? null });
	const inking = new Inking({ ...options, channel, pointing, compose: (picture) => void composer.asked(picture) });
	const composer = new OtherComposer({
		view: () => view.peek(),
		ask: (picture) => inking.askToCompose(picture),
		send,
		lies,
	});
	return {
		inking,
		pointing,
		composer,
		stop() {
			inking.stop();
			pointing.stop();
			channel.stop();
		},
	};
}

export { createVitals } from "../vitals/vitals";
