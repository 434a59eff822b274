// What to request from the browser after a request has failed. Pure.
//
// Phones fail in ways that pass: many need half a second after a camera was stopped before they
// give one again, and some deliver a smaller picture where they refuse a large one.

import type { DeviceTrouble } from "../call";

export interface Rung {
	wait_ms: number;
	constraints: MediaStreamConstraints;
}

/**
 * Returns the next request after these failures, oldest first; null when nothing is left to try.
 * `requests` go from the most precise to the loosest.
 */
export function nextRung(requests: readonly MediaStreamConstraints[], failures: readonly DeviceTrouble[]): Rung | null {
	let at = 0;
	let busy = 0;
	let rounds = 0;
	for (const why of failures) {
		if (why === "busy") busy += 1;
		else if (why === "absent") at += 1;
		else return null;
		if (at < requests.length) continue;
		// The list of devices is not settled yet while one is being unplugged.
		rounds += 1;
		at = 0;
	}
	const step = STEPS[busy];
	if (step === undefined || rounds > 1) return null;
	const request = step.loosest ? requests.at(-1) : requests[at];
	if (request === undefined) return null;
	return {
		wait_ms: pauseBefore(step, at, failures.at(-1)),
		constraints: step.width === undefined ? request : smaller(request, step.width),
	};
}

function pauseBefore(step: Step, at: number, last: DeviceTrouble | undefined): number {
	if (last === "busy") return step.wait_ms;
	return last === "absent" && at === 0 ? SETTLE_MS : 0;
}

/** What all failures together mean for the person. */
export function troubleAfter(failures: readonly DeviceTrouble[]): DeviceTrouble {
	const last = failures.at(-1) ?? "absent";
	return last === "absent" && failures.includes("busy") ? "busy" : last;
}

function smaller({ video, ...others }: MediaStreamConstraints, width: number): MediaStreamConstraints {
	if (typeof video !== "object") return { ...others, ...(video === undefined ? {} : { video }) };
	return { ...others, video: { ...video, width: { ideal: width }, height: { ideal: (width * 9) / 16 } } };
}

interface Step {
	wait_ms: number;
	width?: number;
	loosest?: true;
}

/** By how often the device was busy. Together with the browser's own time within 3 s. */
const STEPS: readonly Step[] = [
	{ wait_ms: 0 },
	{ wait_ms: 600 },
	{ wait_ms: 200, width: 1280 },
	{ wait_ms: 400, width: 640 },
	{ wait_ms: 600, loosest: true },
];
const SETTLE_MS = 600;
