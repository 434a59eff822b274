// How far the customer is, computed from the view.

import { holdsUp } from "../session/lobby";
import type { View } from "../session/view";
import type { AgentKey } from "./words";

export const STEPS = [
	"step_sent",
	"step_opened",
	"step_asking",
	"step_lobby",
	"step_joining",
] as const satisfies readonly AgentKey[];

/** The index of the current step. */
export function currentStep(view: View): number {
	switch (view.lobby) {
		case "joining":
			return 4;
		case "in_lobby":
		case "microphone_denied":
		case "microphone_absent":
			return 3;
		case "asking":
		case "camera_denied":
		case "camera_absent":
		case "camera_busy":
		case "no_answer":
			return 2;
		default:
			return view.link_opened_at_ms !== null ? 1 : 0;
	}
}

/** The text on what holds the customer up, or null. */
export function trouble(view: View): AgentKey | null {
	// Such a page has no connection that could be lost.
	if (view.lobby === "connection_blocked" || view.lobby === "cookies_blocked") return `trouble_${view.lobby}`;
	const { away } = view.seats.customer;
	if (away === "left") return "trouble_left";
	if (away === "lost") return "trouble_lost";
	const step = view.lobby;
	return step !== null && holdsUp(step) ? `trouble_${step}` : null;
}

/** The text on the newest text message, or null. */
export function smsWords(view: View, now_ms: number): { key: AgentKey; failed: boolean; at_ms: number } | null {
	const last = view.sms.at(-1);
	if (last === undefined) return null;
	const { at_ms, outcome } = last;
	if (outcome === "accepted") return { key: "sms_accepted", failed: false, at_ms };
	if (outcome !== "unknown") return { key: `sms_${outcome}`, failed: true, at_ms };
	const late = now_ms - at_ms > OUTCOME_AFTER_MS;
	return { key: late ? "sms_unknown" : "sms_sending", failed: late, at_ms };
}

/** When the next message may go out. */
export function nextSend(view: View, cool_down_ms: number): number {
	return (view.sms.at(-1)?.at_ms ?? 0) + cool_down_ms;
}

const OUTCOME_AFTER_MS = 30_000;
