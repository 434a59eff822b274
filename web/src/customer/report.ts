// Reports to the agent how far the customer is and what holds them up.

import { computed, effect } from "@preact/signals";
import type { DeviceTrouble } from "../link/call";
import { type HoldUp, holdsUp } from "../session/lobby";
import type { LobbyStep } from "../wire/generated";
import { call, devices, elsewhere, holdUp, insideApp, joining, screen, stays } from "./page";

const step = computed<LobbyStep>(() => {
	if (screen.value === "in_app" || (insideApp && !stays.value)) return "in_app_browser";
	const camera = devices.cameraTrouble.value;
	if (devices.asking.value !== null) return camera === "no_answer" ? "no_answer" : "asking";
	if (joining.value) return "joining";
	if (camera !== null) return CAMERA[camera];
	const microphone = devices.microphoneTrouble.value;
	return microphone === null ? "in_lobby" : MICROPHONE[microphone];
});

export function reportLobby(): void {
	let reported: LobbyStep | null = null;
	/** A trouble that nobody was told of yet: it may be over before there is a connection. */
	let untold: HoldUp | null = null;
	let waiting: ReturnType<typeof setTimeout> | undefined;
	effect(() => {
		clearTimeout(waiting);
		const open = call.value;
		if (open?.socketBlocked.value) {
			// Nothing goes over the socket; what it carried before is said again afterwards.
			reported = null;
			holdUp("connection_blocked");
			return;
		}
		const inside = screen.value === "lobby" || screen.value === "trouble" || screen.value === "in_app";
		if (inside && holdsUp(step.value) && step.value !== reported) untold = step.value;
		if (open === null || elsewhere.value || !inside) return;
		const tell = (now: LobbyStep): void => {
			reported = now;
			untold = null;
			open.lobby(now);
		};
		// Told at once: it waits for the connection in line before the joining.
		if (untold !== null) tell(untold);
		if (!open.ready.value || step.value === reported) return;
		const report = (): void => tell(step.peek());
		// What is over in a moment must not stand before the joining.
		if (BRIEF.has(step.value)) waiting = setTimeout(report, BRIEF_MS);
		else report();
	});
}

const BRIEF: ReadonlySet<LobbyStep> = new Set(["asking", "joining"]);
const BRIEF_MS = 400;

const CAMERA: Readonly<Record<DeviceTrouble, LobbyStep>> = {
	denied: "camera_denied",
	absent: "camera_absent",
	busy: "camera_busy",
	no_answer: "no_answer",
	unsupported: "camera_absent",
};

const MICROPHONE: Readonly<Record<DeviceTrouble, LobbyStep>> = {
	denied: "microphone_denied",
	absent: "microphone_absent",
	busy: "microphone_absent",
	no_answer: "no_answer",
	unsupported: "microphone_absent",
};
