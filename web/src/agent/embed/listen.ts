// Listens to the page around this one from the start: it speaks as soon as the frame has loaded,
// perhaps before the part that understands it.

import { later } from "../../ui/later";

export function listen(): void {
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
