// What the agent's page knows: who is signed in, which screen is shown, and the call it holds.

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import * as api from "../link/server/api";
import type { Call, Devices } from "../link/call";
import { createDevices, openCall } from "../link/open";
import { createPlayer } from "../ui/player";
import { type ApiFailure, refusalWords } from "../ui/refusals";
import { tab } from "../ui/remember";
import { toast } from "../ui/toasts";
import type { Me, SessionId, SignInBy } from "../wire/generated";
import * as account from "./account";
import { afterSignOut, HOME, type Unfinished, unfinished } from "./entrance";

export type Route = { at: "start" } | { at: "calls" } | { at: "call"; session: SessionId };
type SignIn = "unknown" | "offline" | "out" | "spent" | "in";

const MUTED = "muted";
const BACK = "back";

export const me = signal<Me | null>(null);
export const signIn = signal<SignIn>("unknown");
/** How agents sign in here; null while that is being asked. */
export const entrance = signal<SignInBy | null>(null);
/** The sign-in that the page came back from brought nobody in. */
export const unfinishedSignIn = signal<Unfinished | null>(null);
const hash = signal(location.hash);
export const call = signal<Call | null>(null);
export const player = createPlayer(signal(false));
/** What the form starts with: chosen in the list of calls, or typed before the sign-in expired. */
export const prefill = signal<{ number: string; reference: string; region?: string; language?: string } | null>(null);
/** The call whose microphone the agent switched off: it stays off, and nobody complains. */
export const mutedByHand = signal<SessionId | null>(tab.recall(MUTED));

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
	const ended = unfinished(location.search);
	if (ended !== null) {
		unfinishedSignIn.value = ended;
		replace(location.hash.slice(1));
	}
	const answer = token === null ? await api.me() : await account.signInOnce(token);
	if (answer.ok) return welcome(answer.value);
	// A used link in a browser that is signed in already is no reason to stop.
	const known = token === null ? null : await api.me();
	if (known?.ok) return welcome(known.value);
	if (signedOut(answer.error)) return;
	const { error } = answer.error;
	if (error === "network" || error === "trouble") signIn.value = "offline";
	else signIn.value = token === null ? "out" : "spent";
}

/** Where the agent was when the sign-in expired. */
let back = "";

function welcome(found: Me): void {
	const before = me.peek();
	if (before !== null && before.name !== found.name) {
		// Somebody else's form and call are none of their business.
		back = "";
		prefill.value = null;
	}
	const kept = tab.recall(BACK);
	batch(() => {
		if (location.hash.startsWith("#t=")) replace(back);
		else if (location.hash === "" && kept !== null) replace(kept);
		me.value = found;
		signIn.value = "in";
		unfinishedSignIn.value = null;
	});
	back = "";
	tab.forget(BACK);
}

/** Before the page is left for the provider's: where to go on afterwards. */
export function rememberBack(): void {
	tab.remember(BACK, back);
}

async function findEntrance(): Promise<void> {
	if (entrance.peek() !== null) return;
	const answer = await account.entrance();
	if (answer.ok) entrance.value = answer.value.sign_in;
	else if (signIn.peek() === "out") signIn.value = "offline";
}

/**
 * To be asked about every failed request: an expired sign-in shows the page for it, and nothing
 * more is to be said.
 */
export function signedOut(error: ApiFailure): boolean {
	if (error.error !== "not_signed_in") return false;
	if (!location.hash.startsWith("#t=")) back = location.hash.slice(1);
	signIn.value = "out";
	return true;
}

/** Whether it was the sign-in that cost the seat. */
export async function checkSignIn(): Promise<void> {
	const answer = await api.me();
	if (!answer.ok) signedOut(answer.error);
}

export async function signOut(): Promise<void> {
	const answer = await account.signOut();
	hold(null);
	devices.stopAll();
	location.assign(answer.ok ? afterSignOut(answer.value.next) : HOME);
}

export function go(to: "" | "calls" | `call=${SessionId}`): void {
	location.hash = to;
}

function replace(to: string): void {
	history.replaceState(null, "", `${HOME}${to === "" ? "" : `#${to}`}`);
	hash.value = location.hash;
}

/** Follows the address: one call at a time is open, the one it names. */
export function followRoute(): void {
	addEventListener("hashchange", () => {
		hash.value = location.hash;
		// Not by a reload, which would forget where to return to.
		if (location.hash.startsWith("#t=")) void boot();
		else if (route.peek().at !== "call") devices.stopAll();
	});
	// The sign-in link may have been opened in another tab.
	document.addEventListener("visibilitychange", () => {
		if (document.visibilityState === "hidden" || signIn.peek() !== "out") return;
		void api.me().then((answer) => answer.ok && signIn.peek() === "out" && welcome(answer.value));
	});
	effect(() => {
		if (signIn.value === "out") void untracked(findEntrance);
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

// The agent takes the seat without being asked: the page is here because this agent opened this
// call.
function takeSeat(opened: Call): () => void {
	let audible: Promise<void> | null = null;
	let asked = false;
	return effect(() => {
		const over = opened.view.value.ended !== null || opened.stop.value !== null;
		if (over || opened.ending.value || !opened.ready.value) return;
		audible ??= untracked(() => startIfGranted(opened));
		if (asked || opened.joined.value) return;
		asked = true;
		void audible.then(() => join(opened));
	});
}

async function join(opened: Call): Promise<void> {
	if (call.peek() !== opened || opened.ending.peek()) return;
	const refusal = await opened.join({ name: me.peek()?.name ?? "", videoOnly: false, take: true });
	// What stopped the call is on the screen already.
	if (refusal === null || call.peek() !== opened || opened.stop.peek() !== null) return;
	if (refusal.why !== "call_ended") toast(refusalWords(refusal));
}

/**
 * Without a microphone the customer hears nothing. Where the browser would ask, a button does
 * (`OwnMicrophone`).
 */
async function startIfGranted(opened: Call): Promise<void> {
	const { live_since_ms, seats } = opened.view.peek();
	// Switched off in this call, here or on the page that it comes from: it must not come on by
	// itself.
	if (mutedByHand.peek() === opened.session || (live_since_ms !== null && !seats.agent.microphone)) return;
	const granted = await navigator.permissions.query({ name: "microphone" as PermissionName }).then(
		(status) => status.state === "granted",
		() => false,
	);
	if (!granted || call.peek() !== opened || opened.ending.peek()) return;
	await Promise.race([devices.startMicrophone(), new Promise((resolve) => setTimeout(resolve, JOIN_WITHOUT_MS))]);
}

export async function switchMicrophone(opened: Call, on: boolean): Promise<boolean> {
	mutedByHand.value = on ? null : opened.session;
	tab.remember(MUTED, mutedByHand.peek() ?? "");
	return opened.setMicrophone(on);
}

/** A microphone that takes longer is told of later. */
const JOIN_WITHOUT_MS = 1_500;
