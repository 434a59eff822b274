// What is of the moment on a board: strokes while they are drawn, and where somebody points. A
// chunk of its own: nothing of it is needed before a call runs.

import type { PageSays } from "../../wire/generated";
import { Inking, type InkingOptions } from "./drawing";
import { Passage, type PassageOptions } from "./channel";
import { Pointing } from "./pointing";

export interface MomentOptions extends Omit<InkingOptions, "passage" | "pointing"> {
	live: { state: PassageOptions["live"]; say: PassageOptions["sayLive"] };
	say(says: PageSays): boolean;
}

export interface Moment {
	readonly inking: Inking;
	readonly pointing: Pointing;
	stop(): void;
}

export function createMoment(options: MomentOptions): Moment {
	const { seat, clock, board, live, say } = options;
	const passage = new Passage({
		clock,
		live: live.state,
		sayLive: live.say,
		saySocket: (passing) => say({ topic: "annotation", type: "passing", passing }),
	});
	const pointing = new Pointing({ seat, passage, board: () => board.peek()?.id ?? null });
	const inking = new Inking({ ...options, passage, pointing });
	return {
		inking,
		pointing,
		stop() {
			inking.stop();
			pointing.stop();
			passage.stop();
		},
	};
}
