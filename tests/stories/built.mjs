// Where cargo puts the programs that stories run.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of the programs built for tests, from the variables that cargo reads. */
export const BUILT = resolve(
	ROOT,
	process.env.CARGO_TARGET_DIR ?? "target",
	process.env.CARGO_BUILD_TARGET ?? "",
	"debug",
);
