// A wall clock that moves for chosen processes only, by libfaketime (Debian's package `faketime`).

import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];

/** The library, or nothing where it is not installed. */
export function fakeClock() {
	const files = FOLDERS.map((folder) => join(folder, "faketime", "libfaketimeMT.so.1"));
	return files.find((file) => existsSync(file)) ?? "";
}

export class MovedClock {
	#file;

	/** @param {string} folder for a file of its own */
	constructor(folder) {
		this.#file = join(folder, "clock");
		this.set("+0");
	}

	/** Moves it to this distance from the real one, such as +20m or -1d. */
	set(offset) {
		writeFileSync(`${this.#file}.new`, `${offset}\n`);
		renameSync(`${this.#file}.new`, this.#file);
	}

	/** The command that runs another one by this clock. */
	get command() {
		return [
			"env",
			`LD_PRELOAD=${fakeClock()}`,
			`FAKETIME_TIMESTAMP_FILE=${this.#file}`,
			"FAKETIME_NO_CACHE=1",
			// Durations are measured by the other clock, which goes on as it does.
			"FAKETIME_DONT_FAKE_MONOTONIC=1",
		];
	}
}
