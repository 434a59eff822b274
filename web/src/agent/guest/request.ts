// The agent's open request, as the agent's page shows it.

import { useEffect, useRef } from "preact/hooks";
import type { Call } from "../../link/call";
import { type GuestRequest, isOpen } from "../../session/guest";
import { now } from "../../ui/clock";
import { refusalWords } from "../../ui/refusals";
import { note, toast } from "../../ui/toasts";
import type { GuestCommand } from "../../wire/generated";
import { g } from "./words";

/** Milliseconds left for the answer; 0 when no request is open. The log follows. */
export function openFor(call: Call): number {
	const { request } = call.view.value.guest;
	if (request === null || !isOpen(request)) return 0;
	const waited = now.value + call.clockOffset.value - request.since_ms;
	return Math.max(0, (request.answer === "allowed" ? ALLOWED_MS : ASKED_MS) - waited);
}

/** Says how a request ended, once, if it ended while this page shows the call. */
export function useOutcome(call: Call, name: string, open: boolean): void {
	const { request } = call.view.value.guest;
	const watched = useRef<number | null>(null);
	useEffect(() => {
		if (request === null) return;
		if (open) {
			watched.current = request.id;
			return;
		}
		if (watched.current !== request.id) return;
		watched.current = null;
		tell(request, name);
	}, [request, open]);
}

function tell({ wish, answer }: GuestRequest, name: string): void {
	// A device that comes on is announced by itself.
	if (answer === "done" && (wish === "microphone" || wish === "camera")) return;
	if (answer === "done") note(g(`done_${wish}`, { name }));
	else toast(g(answer === null || answer === "allowed" ? "no_answer" : answer, { name }));
}

/** Sends a command about the customer's devices, and says why the server refused it. */
export async function control(call: Call, name: string, command: GuestCommand): Promise<boolean> {
	const refused = await call.guest(command);
	if (refused === null) return true;
	toast(refused.why === "not_joined" ? g("nobody", { name }) : refusalWords(refused));
	return false;
}

const ASKED_MS = 34_000;
const ALLOWED_MS = 46_000;
