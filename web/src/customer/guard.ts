// The phone's back button during a call asks first: further history entries catch it.
//
// Chromium skips the entries of a page that adds one without a tap since the last press of Back
// (chromium/src, `docs/history_manipulation_intervention.md`), so a second press in a row would
// leave. Entries are therefore kept in stock: each tap fills it up, each press of Back takes one
// out.

export function guardBack(onBack: () => void): () => void {
	const fill = (): void => {
		for (let next = depth() + 1; next <= STOCK; next += 1) history.pushState({ guard: next }, "", location.href);
	};
	const popped = (): void => {
		if (leaving) return;
		// The last one: better an entry that the browser may skip than none.
		if (depth() === 0) history.pushState({ guard: 1 }, "", location.href);
		onBack();
	};
	fill();
	addEventListener("popstate", popped);
	for (const tap of TAPS) addEventListener(tap, fill, true);
	return () => {
		removeEventListener("popstate", popped);
		for (const tap of TAPS) removeEventListener(tap, fill, true);
		// After the call, Back leaves at once.
		if (depth() === 0) return;
		leaving = true;
		addEventListener("popstate", () => setTimeout(left), { once: true });
		history.go(-depth());
	};
}

/** This page itself goes back. */
let leaving = false;

function left(): void {
	leaving = false;
}

/** How many entries of ours a press of Back can still take. */
function depth(): number {
	const state: unknown = history.state;
	return typeof state === "object" && state !== null && "guard" in state ? Number(state.guard) : 0;
}

/** What browsers count as a tap. */
const TAPS = ["pointerup", "keydown"];
/** Nobody presses Back that often without looking. */
const STOCK = 10;
