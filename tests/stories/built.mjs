// Where cargo puts what stories run.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of the programs that were built for tests: as the environment tells cargo. */
export const BUILT = resolve(
	ROOT,
	process.env.CARGO_TARGET_DIR ?? "target",
	process.env.CARGO_BUILD_TARGET ?? "",
	"debug",
);
