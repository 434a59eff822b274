// What stands in addresses on the way in and out: decided here, gone to elsewhere.

/** How a sign-in at the identity provider ended that brought nobody in. */
export type Unfinished = "failed" | "cancelled";

/** What the way back says in `location.search`. */
export function unfinished(search: string): Unfinished | null {
	const said = new URLSearchParams(search).get("sign-in");
	return said === "failed" || said === "cancelled" ? said : null;
}

/**
 * Where to go after signing out: to the provider's own sign-out, when there is one that can be gone
 * to.
 */
export function afterSignOut(next: string | undefined): string {
	if (next === undefined || !URL.canParse(next)) return HOME;
	const { protocol, hostname } = new URL(next);
	return protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname)) ? next : HOME;
}

export const HOME = "/agent";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
