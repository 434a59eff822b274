// What the agent's page knows: who is signed in, which screen is shown, and the call it holds.

import { computed, effect, signal, untracked } from "@preact/signals";
import * as api from "../link/api";
import type { Call, Devices } from "../link/call";
import { createDevices, openCall } from "../link/open";
import { createPlayer } from "../ui/player";
import { refusalWords } from "../ui/refusals";
import { toast } from "../ui/toasts";
import type { Me, SessionId } from "../wire/generated";

export type Route = { at: "start" } | { at: "calls" } | { at: "call"; session: SessionId };
type SignIn = "unknown" | "offline" | "out" | "spent" | "in";

export const me = signal<Me | null>(null);
export const signIn = signal<SignIn>("unknown");
const hash = signal(location.hash);
export const call = signal<Call | null>(null);
export const player = createPlayer(signal(false));
/** A number for the form, chosen in the list of calls. */
export const prefill = signal<{ number: string; reference: string } | null>(null);

export const route = computed<Route>(() => {
	const [name, value] = hash.value.slice(1).split("=");
	if (name === "call" && value) return { at: "call", session: value };
	return { at: name === "calls" ? "calls" : "start" };
});

/** One camera and microphone for the whole console: they go from one call into the next. */
export const devices: Devices = createDevices({ seat: "agent" });

export async function boot(): Promise<void> {
	const token = location.hash.startsWith("#t=") ? location.hash.slice(3) : null;
	signIn.value = "unknown";
	const answer = token === null ? await api.me() : await api.signInOnce(token);
	if (answer.ok) {
		if (token !== null) replace("");
		me.value = answer.value;
		signIn.value = "in";
		return;
	}
	// A used link in a browser that is signed in already is no reason to stop.
	const known = token === null ? null : await api.me();
	if (known?.ok) {
		replace("");
		me.value = known.value;
		signIn.value = "in";
		return;
	}
	const { error } = answer.error;
	signIn.value = error === "network" || error === "trouble" ? "offline" : token === null ? "out" : "spent";
}

export async function signOut(): Promise<void> {
	await api.signOut();
	hold(null);
	devices.stopAll();
	location.assign("/agent");
}

export function go(to: "" | "calls" | `call=${SessionId}`): void {
	location.hash = to;
}

function replace(to: string): void {
	history.replaceState(null, "", `/agent${to === "" ? "" : `#${to}`}`);
	hash.value = location.hash;
}

/** Follows the address: one call at a time is open, the one it names. */
export function followRoute(): void {
	addEventListener("hashchange", () => {
		if (location.hash.startsWith("#t=")) location.reload();
		hash.value = location.hash;
	});
	effect(() => {
		const wanted = signIn.value === "in" && route.value.at === "call" ? route.value.session : null;
		untracked(() => hold(wanted));
	});
}

/** After the call was moved to another page: here again. */
export function reopen(session: SessionId): void {
	hold(null);
	hold(session);
}

let release: (() => void) | null = null;

function hold(session: SessionId | null): void {
	if ((call.peek()?.session ?? null) === session) return;
	release?.();
	release = null;
	if (session === null) {
		call.value = null;
		return;
	}
	const opened = openCall({ session, seat: "agent", devices });
	const stops = [player.follow(opened.remote), takeSeat(opened)];
	release = () => {
		for (const stop of stops) stop();
		opened.close();
	};
	call.value = opened;
}

// The agent takes the seat without being asked: the page is here because this agent opened this call.
function takeSeat(opened: Call): () => void {
	let asked = false;
	return effect(() => {
		const over = opened.view.value.ended !== null || opened.stop.value !== null;
		if (over || asked || !opened.ready.value || opened.joined.value) return;
		asked = true;
		const name = me.peek()?.name ?? "";
		void untracked(() => opened.join({ name, videoOnly: false, take: true })).then((refusal) => {
			if (refusal !== null && refusal.why !== "call_ended") toast(refusalWords(refusal));
		});
	});
}
