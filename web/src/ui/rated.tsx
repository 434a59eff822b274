// Where a call is rated. The form loads while the call runs: afterwards the network may be gone.

import type { ComponentProps } from "preact";
import type { Call } from "../link/call";
import { later } from "./later";
import type { LaterRating } from "./rating";

const rating = later(() => import("./rating"));

export const preloadRating = rating.preload;

/** The form after the end of a call; nothing until it is loaded. */
export function Rated({ call }: { call: Call }) {
	const Part = call.view.value.live_since_ms === null ? null : rating.use();
	return Part === null ? null : <Part.CallRating call={call} />;
}

/** The form on a page that shows ended calls. */
export function RatedLater(props: ComponentProps<typeof LaterRating>) {
	const Part = rating.use();
	return Part === null ? null : <Part.LaterRating {...props} />;
}
