import { effect, signal } from "@preact/signals";
import { expect, test } from "vitest";
import { History } from "../src/link/server/history";
import { EMPTY } from "../src/session/fold";
import { Lines } from "../src/session/lines";
import type { Event } from "../src/wire/generated";

test("however slow the page is, who joins is not shown before what they have on", async () => {
	let now = 0;
	const view = signal(new Lines("agent").merge(EMPTY));
	const history = new History({
		seat: "agent",
		// Each event takes longer than a slice.
		clock: () => (now += 100),
		hidden: () => false,
		view,
		applied: () => undefined,
		taken: () => undefined,
		ended: () => undefined,
		resume: () => undefined,
		fetch: () => null,
		fetched: () => undefined,
	});
	const shown: string[] = [];
	effect(() => {
		const { joined, microphone, camera } = view.value.seats.customer;
		shown.push(joined ? `joined with ${microphone} ${camera}` : "not joined");
	});
	const events: Event[] = [
		{ seq: 1, at_ms: 1, type: "link_opened" },
		{ seq: 2, at_ms: 2, type: "joined", seat: "customer", name: "Ada", video_only: false },
		{ seq: 3, at_ms: 2, type: "media_changed", seat: "customer", microphone: true, camera: true },
	];
	history.take(events, 3, false);
	while (history.folded.head < 3) await new Promise((resolve) => setTimeout(resolve));
	expect([...new Set(shown)]).toEqual(["not joined", "joined with true true"]);
});
