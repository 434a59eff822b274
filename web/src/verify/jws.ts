// The signature of a case file: a compact JWS with ES256 whose payload part is left empty (RFC 7515
// appendix F).

export interface Jwk {
	readonly kty: string;
	readonly crv: string;
	readonly x: string;
	readonly y: string;
}

/**
 * Checks a signature of a payload that is kept elsewhere. Returns the thumbprint of the key that
 * made it, or null. Nobody says here whose key that is.
 */
export async function signedBy(jws: Uint8Array, payload: Uint8Array): Promise<string | null> {
	const [text, nothing, signature, ...more] = new TextDecoder().decode(jws).split(".");
	if (text === undefined || nothing !== "" || signature === undefined || more.length > 0) return null;
	const [header, bytes] = [decoded(text), decoded(signature)];
	if (header === null || bytes === null) return null;
	const key = keyOf(header);
	if (key === null || key.kid !== (await thumbprint(key.jwk))) return null;
	const material = new TextEncoder().encode(`${text}.${encoded(payload)}`);
	try {
		const { kty, crv, x, y } = key.jwk;
		const imported = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, ECDSA, false, ["verify"]);
		const fits = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, bytes, material);
		return fits ? key.kid : null;
	} catch {
		return null;
	}
}

/** The thumbprint of a key (RFC 7638). */
export async function thumbprint({ kty, crv, x, y }: Jwk): Promise<string> {
	const canonical = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
	return encoded(new Uint8Array(await crypto.subtle.digest("SHA-256", canonical)));
}

/** Returns the keys of a set, as `/.well-known/jwks.json` has it. */
export function keysOf(set: unknown): Jwk[] {
	const keys = isRecord(set) && Array.isArray(set.keys) ? set.keys : [];
	return keys.map(jwkOf).filter((key) => key !== null);
}

const ECDSA = { name: "ECDSA", namedCurve: "P-256" };

/** Reads the header. It has these three fields only: no extension may change its meaning. */
function keyOf(header: Uint8Array<ArrayBuffer>): { readonly kid: string; readonly jwk: Jwk } | null {
	let read: unknown;
	try {
		read = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
	} catch {
		return null;
	}
	if (!isRecord(read) || Object.keys(read).sort().join() !== "alg,jwk,kid" || read.alg !== "ES256") return null;
	const [kid, jwk] = [read.kid, jwkOf(read.jwk)];
	return typeof kid === "string" && jwk !== null ? { kid, jwk } : null;
}

function jwkOf(value: unknown): Jwk | null {
	if (!isRecord(value)) return null;
	const { kty, crv, x, y } = value;
	if (kty !== "EC" || crv !== "P-256" || typeof x !== "string" || typeof y !== "string") return null;
	return decoded(x)?.length === 32 && decoded(y)?.length === 32 ? { kty, crv, x, y } : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null;
}

function encoded(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) text += String.fromCharCode(byte);
	return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Decodes base64url in its one spelling, or returns null. */
function decoded(text: string): Uint8Array<ArrayBuffer> | null {
	if (!/^[-\w]*$/.test(text)) return null;
	try {
		const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
		return encoded(bytes) === text ? bytes : null;
	} catch {
		return null;
	}
}
