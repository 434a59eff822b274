// Asks what the link leads to while the rest of the page is still on its way: a round trip less.
// Imports nothing, because it runs first. `api.ts` takes the answer.

const fragment = location.hash.slice(1);
const seat = fragment.startsWith("s=");
if (fragment !== "") {
	const asked = fetch(seat ? `/api/sessions/${encodeURIComponent(fragment.slice(2))}/seat` : "/api/look", {
		credentials: "same-origin",
		cache: "no-store",
		redirect: "error",
		signal: AbortSignal.timeout(8_000),
		...(seat
			? {}
			: {
					method: "POST",
					headers: { "content-type": "application/json" },
					body: JSON.stringify({ secret: fragment }),
				}),
	});
	// Without an answer the page asks again.
	globalThis.sightlineAsked = asked.catch(() => null);
}

export {};

declare global {
	/** The answer on its way; the page takes it once. */
	var sightlineAsked: Promise<Response | null> | undefined;
}
