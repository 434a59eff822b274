// Where cargo puts the programs that stories run.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const TARGETS = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target", process.env.CARGO_BUILD_TARGET ?? "");

/** The folder of the programs built for tests, from the variables that cargo reads. */
export const BUILT = resolve(TARGETS, "debug");

/** The folder of programs that carry media. Benchmarks build these in another profile. */
export const MEDIA_BUILT = resolve(TARGETS, process.env.SIGHTLINE_PROFILE ?? "debug");
