// The faults. Each is played once within a run, at a moment that chance names.

import { CLOCKS } from "./kinds/clock.mjs";
import { FULL_DISKS } from "./kinds/disk.mjs";
import { FOLDERS } from "./kinds/folder.mjs";
import { KILLS } from "./kinds/kill.mjs";
import { LIMITS } from "./kinds/limits.mjs";

/**
 * @typedef {object} Kind
 * @property {string} name
 * @property {import("./desk.mjs").Means} [means] what it needs of this machine
 * @property {(run: import("./run.mjs").Run) => Promise<number>} play returns the moment from which
 *   the pages may come back
 */

/** @type {Kind[]} */
export const KINDS = [...KILLS, ...FULL_DISKS, ...FOLDERS, ...CLOCKS, ...LIMITS];
