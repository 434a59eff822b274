// What differs in a case file. The codes are those of `functions/host/src/case/finding.rs`.

export type FindingCode =
	| "no_zip"
	| "too_large"
	| "compressed"
	| "packing"
	| "bad_name"
	| "twice"
	| "changed"
	| "missing"
	| "added"
	| "order"
	| "signature"
	| "other_key";

export interface Finding {
	readonly code: FindingCode;
	/** The file, or the thumbprint of a key. */
	readonly name?: string;
}

/** A finding that keeps the file from being read further. */
export class Unreadable extends Error {
	readonly finding: Finding;

	constructor(code: FindingCode, name?: string) {
		super(code);
		this.finding = found(code, name);
	}
}

export function found(code: FindingCode, name?: string): Finding {
	return name === undefined ? { code } : { code, name: shown(name) };
}

/** Returns a finding as text, to be compared. */
export function coded(finding: Finding): string {
	return finding.name === undefined ? finding.code : `${finding.code} ${finding.name}`;
}

/** Makes a stranger's name short and harmless. */
function shown(name: string): string {
	return [...name]
		.slice(0, NAME_MAX)
		.join("")
		.replace(/[^\x21-\x7e]/g, "?");
}

const NAME_MAX = 128;
