// The files that the rules apply to.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Every file of the project, including files not yet committed. */
export const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
	cwd: ROOT,
	encoding: "utf8",
})
	.split("\n")
	.filter((path) => path !== "" && existsSync(ROOT + path));

export function read(path) {
	return readFileSync(ROOT + path, "utf8");
}

/** What is generated, and held to its source by a test of its own. */
export const GENERATED = ["web/src/wire/generated.ts", "tests/programs/v1.d.ts"];

/** Returns the files whose path matches, without generated ones. @param {RegExp} kind */
export function sources(kind) {
	return files.filter((path) => kind.test(path) && !GENERATED.includes(path));
}

/** Whether a file contains tests or is used only by tests. */
export function isTest(path) {
	return /(^|\/)tests?(\/|\.rs$)|\.test\.tsx?$/.test(path);
}
