// Reads and checks the addresses of signing in and out. Pure: navigation happens elsewhere.

/** How a sign-in at the identity provider ended without success. */
export type Unfinished = "failed" | "cancelled" | "revoked";

/** Reads the outcome from `location.search` after coming back from the provider. */
export function unfinished(search: string): Unfinished | null {
	const said = new URLSearchParams(search).get("sign-in");
	return said === "failed" || said === "cancelled" || said === "revoked" ? said : null;
}

/** Where to go after signing out: the provider's sign-out page, if its address is acceptable. */
export function afterSignOut(next: string | undefined): string {
	if (next === undefined || !URL.canParse(next)) return HOME;
	const { protocol, hostname } = new URL(next);
	return protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname)) ? next : HOME;
}

/** This page is in a frame of another program (`docs/embed.md`). */
export const EMBEDDED = globalThis.location?.pathname === "/embed";

export const HOME = EMBEDDED ? "/embed" : "/agent";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
