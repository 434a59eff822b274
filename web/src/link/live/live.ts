// The live part of a board: strokes while they are drawn, and the pointer. A chunk of its own,
// because it is not needed before a call runs.

import type { PageSays } from "../../wire/generated";
import { Inking, type InkingOptions } from "./drawing";
import { LiveChannel, type LiveChannelOptions } from "./channel";
import { Pointing } from "./pointing";

export interface LiveOptions extends Omit<InkingOptions, "channel" | "pointing"> {
	live: { state: LiveChannelOptions["live"]; say: LiveChannelOptions["sayLive"] };
	say(says: PageSays): boolean;
}

export interface Live {
	readonly inking: Inking;
	readonly pointing: Pointing;
	stop(): void;
}

export function createLive(options: LiveOptions): Live {
	const { seat, clock, board, live, say } = options;
	const channel = new LiveChannel({
		clock,
		live: live.state,
		sayLive: live.say,
		saySocket: (passing) => say({ topic: "annotation", type: "passing", passing }),
	});
	const pointing = new Pointing({ seat, channel, board: () => board.peek()?.id ?? null });
	const inking = new Inking({ ...options, channel, pointing });
	return {
		inking,
		pointing,
		stop() {
			inking.stop();
			pointing.stop();
			channel.stop();
		},
	};
}
