// Stops everything that this process started, as a suspend does.

import { readdirSync, readFileSync } from "node:fs";

/** Stops all descendants of this process. Returns how to let them go on. */
export function suspend() {
	const stopped = descendants();
	for (const pid of stopped) signal(pid, "SIGSTOP");
	return () => {
		for (const pid of stopped) signal(pid, "SIGCONT");
	};
}

function descendants() {
	const parents = new Map();
	for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
		const parent = parentOf(name);
		if (parent !== null) parents.set(Number(name), parent);
	}
	const isOurs = (pid) => pid === process.pid || (parents.has(pid) && isOurs(parents.get(pid)));
	return [...parents.keys()].filter((pid) => pid !== process.pid && isOurs(pid));
}

/** Reads the fourth field of `/proc/PID/stat`; the second one may have spaces and brackets. */
function parentOf(pid) {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
	} catch {
		// It has ended.
		return null;
	}
}

function signal(pid, name) {
	try {
		process.kill(pid, name);
	} catch {
		// It has ended.
	}
}
