// Follows a call and tells the agent when the customer comes, wherever the agent looks.

import { effect, untracked } from "@preact/signals";
import type { Call } from "../../link/call";
import { w } from "../words";
import { Arrivals } from "./arrivals";
import { giveSigns } from "./signs";

/** Returns what stops it. */
export function announce(call: Call): () => void {
	const arrivals = new Arrivals();
	let takeBack: (() => void) | null = null;
	let title = "";
	const calm = (): void => {
		takeBack?.();
		takeBack = null;
		if (title !== "") document.title = title;
		title = "";
	};
	const seen = (): void => {
		if (document.visibilityState === "visible" && document.hasFocus()) calm();
	};
	const stop = effect(() => {
		const { seats, reference, ended } = call.view.value;
		const { joined, away } = seats.customer;
		const came = arrivals.look({ ready: call.ready.value, joined, away: away !== null }, performance.now());
		if (ended !== null) untracked(calm);
		if (!came || ended !== null) return;
		calm();
		takeBack = giveSigns(reference ?? "");
		if (document.visibilityState === "visible" && document.hasFocus()) return;
		title = document.title;
		document.title = `${w("arrived")} · ${title}`;
	});
	addEventListener("focus", seen);
	document.addEventListener("visibilitychange", seen);
	return () => {
		stop();
		calm();
		removeEventListener("focus", seen);
		document.removeEventListener("visibilitychange", seen);
	};
}
