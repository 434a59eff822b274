// Opens a page's hold on a session: log, outbox, socket, peer connection and devices behind the contract of `call.ts`.

import type { Seat, SessionId } from "../wire/generated";
import type { Call, Devices } from "./call";

export { createDevices } from "./devices";

export interface OpenOptions {
	session: SessionId;
	seat: Seat;
	/** The lobby's devices go on into the call; without them the call makes its own. */
	devices?: Devices;
}

export function openCall(_options: OpenOptions): Call {
	throw new Error("being built");
}
