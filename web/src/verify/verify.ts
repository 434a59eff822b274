// Says whether a case file is as a deployment made it, and if not, what differs. The same checks as
// `functions/host/src/case/verify.rs`; the table of tampered files holds both.

import { coded, type Finding, found, Unreadable } from "./findings";
import { type Jwk, signedBy, thumbprint } from "./jws";
import { Archive, same } from "./zip";

export interface Origin {
	readonly deployment: string;
	readonly business: string;
	readonly made: string;
}

export type Verdict =
	| { readonly is: "unchanged"; readonly origin: Origin }
	| { readonly is: "unknown_key"; readonly origin: Origin; readonly fingerprint: string }
	| { readonly is: "changed"; readonly findings: readonly Finding[] };

/** A file with its digests. */
interface Digested {
	readonly name: string;
	readonly sha256: string;
	readonly sha512: string;
}

type Hash = "sha256" | "sha512";

const HASHES: readonly Hash[] = ["sha256", "sha512"];
const LISTED = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt"];
const SIGNED = "tagmanifest-sha256.txt";
const SIGNATURE = "signature.jws";
const ALL = [...LISTED, SIGNED, "tagmanifest-sha512.txt", SIGNATURE];
const BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/** Checks a case file. `pinned` are the keys that are known, or null where none is. */
export async function verify(file: Blob, pinned: readonly Jwk[] | null): Promise<Verdict> {
	try {
		return await read(await Archive.read(file), pinned);
	} catch (error) {
		if (error instanceof Unreadable) return { is: "changed", findings: [error.finding] };
		throw error;
	}
}

async function read(archive: Archive, pinned: readonly Jwk[] | null): Promise<Verdict> {
	const findings = [...archive.findings];
	const contents = new Contents(archive.folder);
	for (const entry of archive.entries) {
		await contents.take(archive.inside(entry), await archive.content(entry, findings));
	}
	contents.compare(findings);
	const key = await contents.signedBy();
	if (key === null && contents.has(SIGNED) && contents.has(SIGNATURE)) findings.push(found("signature"));
	if (key !== null && pinned !== null) {
		const known = await Promise.all(pinned.map(thumbprint));
		if (!known.includes(key)) findings.push(found("other_key", key));
	}
	const once = new Map(findings.map((finding) => [coded(finding), finding]));
	if (key === null || once.size > 0) return { is: "changed", findings: [...once.values()] };
	const origin = contents.origin();
	return pinned === null ? { is: "unknown_key", origin, fingerprint: key } : { is: "unchanged", origin };
}

/** The files of a bag: digests of all, and the bytes beside the payload. */
class Contents {
	readonly #folder: string;
	readonly #payload: Digested[] = [];
	readonly #tags = new Map<string, { readonly digested: Digested; readonly bytes: Uint8Array }>();
	/** A file of the payload came after another one. */
	#mixed = false;

	constructor(folder: string) {
		this.#folder = folder;
	}

	async take(name: string, bytes: Uint8Array): Promise<void> {
		const digested = { name, sha256: await hex("SHA-256", bytes), sha512: await hex("SHA-512", bytes) };
		if (name.startsWith("data/")) {
			this.#mixed ||= this.#tags.size > 0;
			this.#payload.push(digested);
		} else {
			this.#tags.set(name, { digested, bytes });
		}
	}

	has(name: string): boolean {
		return this.#tags.has(name);
	}

	/** Compares all four manifests with the files, and the files with what a bag has. */
	compare(findings: Finding[]): void {
		const names = [...this.#tags.keys()];
		for (const name of ALL) if (!this.has(name)) findings.push(found("missing", name));
		for (const name of names) if (!ALL.includes(name)) findings.push(found("added", name));
		if (findings.length === 0 && (this.#mixed || names.join() !== ALL.join())) findings.push(found("order"));
		const identifier = this.#field("External-Identifier");
		if (this.has("bag-info.txt") && this.#folder !== `case-${identifier}/`) {
			findings.push(found("bad_name", this.#folder));
		}
		if (this.has("bagit.txt") && this.#text("bagit.txt") !== BAGIT) findings.push(found("changed", "bagit.txt"));
		const tags = LISTED.flatMap((name) => this.#tags.get(name)?.digested ?? []);
		for (const hash of HASHES) {
			this.#follows(hash, `manifest-${hash}.txt`, this.#payload, findings);
			this.#follows(hash, `tagmanifest-${hash}.txt`, tags, findings);
		}
	}

	/** Compares a manifest with the files that are there. */
	#follows(hash: Hash, name: string, files: readonly Digested[], findings: Finding[]): void {
		const manifest = this.#tags.get(name)?.bytes;
		if (manifest === undefined) return;
		const wanted = files.map((file) => `${file[hash]}  ${file.name}\n`).join("");
		if (same(new TextEncoder().encode(wanted), manifest)) return;
		const before = findings.length;
		const lines = this.#text(name)
			.split("\n")
			.filter((line) => line.includes("  "))
			.map((line) => [line.slice(0, line.indexOf("  ")), line.slice(line.indexOf("  ") + 2)] as const);
		for (const [digest, listed] of lines) {
			const file = files.find((one) => one.name === listed);
			if (file === undefined) findings.push(found("missing", listed));
			else if (file[hash] !== digest) findings.push(found("changed", listed));
		}
		const named = new Set(lines.map(([, listed]) => listed));
		for (const file of files) if (!named.has(file.name)) findings.push(found("added", file.name));
		if (findings.length > before) return;
		const inOrder = files.map((file) => file.name).join("\n") === lines.map(([, listed]) => listed).join("\n");
		findings.push(inOrder ? found("changed", name) : found("order"));
	}

	/** Returns the thumbprint of the key whose signature fits, or null. */
	async signedBy(): Promise<string | null> {
		const [signature, payload] = [this.#tags.get(SIGNATURE), this.#tags.get(SIGNED)];
		if (signature === undefined || payload === undefined) return null;
		return await signedBy(signature.bytes, payload.bytes);
	}

	origin(): Origin {
		const [deployment, business] = [this.#field("Deployment"), this.#field("Source-Organization")];
		return { deployment, business, made: this.#field("Made-At") };
	}

	#text(name: string): string {
		return new TextDecoder().decode(this.#tags.get(name)?.bytes ?? new Uint8Array());
	}

	#field(label: string): string {
		const line = this.#text("bag-info.txt")
			.split("\n")
			.find((one) => one.startsWith(`${label}: `));
		return [...(line ?? "").slice(label.length + 2)].slice(0, FIELD_MAX).join("");
	}
}

const FIELD_MAX = 200;

async function hex(algorithm: string, bytes: Uint8Array): Promise<string> {
	const digest = new Uint8Array(await crypto.subtle.digest(algorithm, new Uint8Array(bytes)));
	return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
