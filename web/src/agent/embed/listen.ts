// Names the door of this page, and listens to the page around it from the start: that one speaks
// as soon as the frame has loaded, perhaps before the part that understands it.

import { doorHeaders, doorProtocols } from "../../link/server/door";
import { later } from "../../ui/later";
import { DOOR_EMBED, DOOR_HEADER, DOOR_SUBPROTOCOL } from "../../wire/generated";

export function listen(): void {
	doorHeaders[DOOR_HEADER] = DOOR_EMBED;
	doorProtocols.push(DOOR_SUBPROTOCOL);
	const early: MessageEvent<unknown>[] = [];
	let hear = (event: MessageEvent<unknown>): void => {
		early.push(event);
		early.splice(0, early.length - EARLY_MAX);
	};
	addEventListener("message", (event: MessageEvent<unknown>) => {
		// Other windows may have found this one: they are not heard.
		if (event.source === window.parent && window.parent !== window) hear(event);
	});
	void holding.loaded().then(({ hold }) => {
		hear = hold();
		for (const event of early) hear(event);
	});
}

const holding = later(() => import("./hold"));
const EARLY_MAX = 8;
