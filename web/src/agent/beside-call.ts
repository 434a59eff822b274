// What runs beside a call's screen.

import type { Call } from "../link/call";
import { announce } from "./arrival/announce";
import { followKeys } from "./shortcuts/press";
import { shareMicrophone } from "./tabs";

/** Returns what stops it. */
export function besideCall(call: Call): () => void {
	const stops = [announce(call), shareMicrophone(call), followKeys()];
	return () => {
		for (const stop of stops) stop();
	};
}
