// How requests of this page name the door that they come through. They name none, except in a frame
// of another program: there the cookie of that door counts, and no other one.

import { DOOR_EMBED, DOOR_HEADER, DOOR_SUBPROTOCOL } from "../../wire/generated";

/** Headers of every request to the API. */
export const doorHeaders: Record<string, string> = {};

/** Further subprotocols of a WebSocket, where a page sets no header. */
export const doorProtocols: string[] = [];

/** Names the door of `/embed` from now on. */
export function comeThroughEmbed(): void {
	doorHeaders[DOOR_HEADER] = DOOR_EMBED;
	doorProtocols.push(DOOR_SUBPROTOCOL);
}
