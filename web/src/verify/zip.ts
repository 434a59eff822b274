// Reads the ZIP of a case file as `functions/host/src/case/archive.rs` does: what is not exactly as
// it was written is a finding. One entry at a time is in memory.

import { type Finding, found, Unreadable } from "./findings";

export interface Entry {
	readonly name: string;
	readonly crc: number;
	readonly bytes: number;
	/** Where its own header begins. */
	readonly at: number;
}

const ENTRIES_MAX = 200;
const ENTRY_BYTES_MAX = 16 * 1024 * 1024;
const BYTES_MAX = 600_000_000;
const NAME_BYTES_MAX = 128;
const END_BYTES = 22;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const DIRECTORY_BYTES_MAX = ENTRIES_MAX * (CENTRAL_BYTES + NAME_BYTES_MAX);

/** A file that everybody may read, on Unix. */
const ATTRIBUTES = 0o100644 * 0x10000;

export class Archive {
	readonly entries: readonly Entry[];
	/** The one folder with everything, with a slash at its end. */
	readonly folder: string;
	readonly findings: readonly Finding[];
	readonly #file: Blob;

	private constructor(file: Blob, entries: readonly Entry[], central: Uint8Array) {
		this.#file = file;
		this.entries = entries;
		this.folder = folderOf(entries[0]?.name ?? "");
		const findings: Finding[] = [];
		if (!same(joined(entries.map(centralHeader)), central)) findings.push(found("packing"));
		const seen = new Set<string>();
		for (const { name } of entries) {
			if (!isName(name)) throw new Unreadable("bad_name", name);
			if (seen.has(name.toLowerCase())) throw new Unreadable("twice", name);
			seen.add(name.toLowerCase());
			if (!name.startsWith(this.folder)) findings.push(found("added", name));
		}
		this.findings = findings;
	}

	/** Reads the directory. Throws what keeps the file from being read further. */
	static async read(file: Blob): Promise<Archive> {
		if (file.size < END_BYTES) throw new Unreadable("no_zip");
		if (file.size > BYTES_MAX + DIRECTORY_BYTES_MAX + END_BYTES) throw new Unreadable("too_large");
		const end = await bytesOf(file, file.size - END_BYTES, END_BYTES);
		const view = viewOf(end);
		if (view.getUint32(0) !== 0x504b0506) throw new Unreadable("no_zip");
		const [count, size, at] = [view.getUint16(8, true), view.getUint32(12, true), view.getUint32(16, true)];
		if (!same(endRecord(count, size, at), end)) throw new Unreadable("packing");
		if (at + size + END_BYTES !== file.size) throw new Unreadable("packing");
		if (size > DIRECTORY_BYTES_MAX || count > ENTRIES_MAX) throw new Unreadable("too_large");
		const central = await bytesOf(file, at, size);
		const entries = entriesOf(central, count);
		let next = 0;
		for (const entry of entries) {
			if (entry.at !== next) throw new Unreadable("packing");
			next = entry.at + LOCAL_BYTES + entry.name.length + entry.bytes;
		}
		if (next !== at) throw new Unreadable("packing");
		return new Archive(file, entries, central);
	}

	/** Reads the bytes of an entry, and compares its own header with the directory's. */
	async content(entry: Entry, findings: Finding[]): Promise<Uint8Array> {
		const head = LOCAL_BYTES + entry.name.length;
		const all = await bytesOf(this.#file, entry.at, head + entry.bytes);
		if (!same(localHeader(entry), all.subarray(0, head))) findings.push(found("packing"));
		const content = all.subarray(head);
		if (crc32(content) !== entry.crc) findings.push(found("changed", this.inside(entry)));
		return content;
	}

	/** Returns the name of an entry below the folder. */
	inside(entry: Entry): string {
		return entry.name.startsWith(this.folder) ? entry.name.slice(this.folder.length) : entry.name;
	}
}

function entriesOf(central: Uint8Array, count: number): Entry[] {
	const view = viewOf(central);
	const entries: (Entry & { readonly method: number })[] = [];
	let place = 0;
	for (let number = 0; number < count; number += 1) {
		if (place + CENTRAL_BYTES > central.length || view.getUint32(place) !== 0x504b0102) throw new Unreadable("packing");
		const method = view.getUint16(place + 10, true);
		const packed = view.getUint32(place + 20, true);
		const [bytes, length] = [view.getUint32(place + 24, true), view.getUint16(place + 28, true)];
		const after = view.getUint16(place + 30, true) + view.getUint16(place + 32, true);
		const start = place + CENTRAL_BYTES;
		place = start + length + after;
		if (place > central.length || (method === 0 && packed !== bytes)) throw new Unreadable("packing");
		const letters = [...central.subarray(start, start + length)];
		const name = letters.map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : "?")).join("");
		const [crc, at] = [view.getUint32(start - 30, true), view.getUint32(start - 4, true)];
		entries.push({ name, crc, bytes, at, method });
	}
	if (place !== central.length) throw new Unreadable("packing");
	if (entries.some((entry) => entry.method === 0 && entry.bytes > ENTRY_BYTES_MAX)) throw new Unreadable("too_large");
	const compressed = entries.find((entry) => entry.method !== 0);
	if (compressed !== undefined) throw new Unreadable("compressed", compressed.name);
	return entries;
}

function localHeader(entry: Entry): Uint8Array {
	return joined([bytes32be(0x504b0304), shared(entry), ascii(entry.name)]);
}

function centralHeader(entry: Entry): Uint8Array {
	const places = joined([new Uint8Array(6), number32(ATTRIBUTES), number32(entry.at)]);
	return joined([bytes32be(0x504b0102), number16(0x0314), shared(entry), places, ascii(entry.name)]);
}

/** Version, flags, method, time, date, CRC, both lengths, lengths of name and extra field. */
function shared({ crc, bytes, name }: Entry): Uint8Array {
	const fixed = [20, 0, 0, 0, 0x21].map(number16);
	return joined([...fixed, ...[crc, bytes, bytes].map(number32), number16(name.length), number16(0)]);
}

function endRecord(count: number, size: number, at: number): Uint8Array {
	const counts = [0, 0, count, count].map(number16);
	return joined([bytes32be(0x504b0506), ...counts, number32(size), number32(at), number16(0)]);
}

function number16(value: number): Uint8Array {
	return Uint8Array.of(value & 0xff, value >>> 8);
}

function number32(value: number): Uint8Array {
	return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

function bytes32be(value: number): Uint8Array {
	return number32(value).reverse();
}

function ascii(text: string): Uint8Array {
	return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
	return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

async function bytesOf(file: Blob, at: number, length: number): Promise<Uint8Array> {
	return new Uint8Array(await file.slice(at, at + length).arrayBuffer());
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function folderOf(name: string): string {
	const slash = name.indexOf("/");
	return slash === -1 ? "" : name.slice(0, slash + 1);
}

/** Whether a name is one that a case file may have: it leads nowhere else. */
function isName(name: string): boolean {
	const parts = name.split("/");
	const leads = parts.every((part) => part !== "" && part !== "." && part !== "..");
	return leads && name.length <= NAME_BYTES_MAX && /^[-\w./]+$/.test(name);
}

/** CRC-32 (APPNOTE.TXT 6.3.10, section 4.4.7). */
function crc32(bytes: Uint8Array): number {
	let crc = 0xffffffff;
	for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
	return ~crc >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
	let crc = byte;
	for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xedb88320 : 0);
	return crc;
});
