// What this page tells of itself at Join. It loads beside the lobby.

import type { JoinOptions } from "../link/call";
import { arrivalOf } from "./arrival";

export function arriving(): Pick<JoinOptions, "arrival"> {
	return { arrival: arrivalOf(navigator.userAgent, navigator.maxTouchPoints, document.documentElement.lang) };
}
