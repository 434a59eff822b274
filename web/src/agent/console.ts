// The state of the agent's page: who is signed in, which screen is shown, and the open call.

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import * as api from "../link/server/api";
import type { Call, Devices } from "../link/call";
import { createDevices, openCall } from "../link/open";
import { createPlayer } from "../ui/player";
import { type ApiFailure, refusalWords } from "../ui/refusals";
import { forgetTab } from "../ui/forget";
import { paint } from "../ui/look/brand";
import { tab } from "../ui/remember";
import { later } from "../ui/later";
import { toast } from "../ui/toasts";
import type { Me, SessionId, SignInBy } from "../wire/generated";
import * as account from "./account";
import { afterSignOut, EMBEDDED, HOME, type Unfinished, unfinished } from "./entrance";

/** What admins alone see. */
export type AdminScreen = "figures" | "agents" | "lines" | "keys" | "webhooks" | "look" | "audit";
export const ADMIN_SCREENS: readonly AdminScreen[] = [
	"figures",
	"agents",
	"lines",
	"keys",
	"webhooks",
	"look",
	"audit",
];
export type Route = { at: "start" | "calls" | AdminScreen } | { at: "call" | "detail"; session: SessionId };
type SignIn = "unknown" | "offline" | "trouble" | "out" | "spent" | "in";

const MUTED = "muted";
const BACK = "back";

export const me = signal<Me | null>(null);
export const signIn = signal<SignIn>("unknown");
/** How agents sign in here; null until the server has answered. */
export const entrance = signal<SignInBy | null>(null);
/** The sign-in at the provider failed or was cancelled. */
export const unfinishedSignIn = signal<Unfinished | null>(null);
/** The fragment of the address, with its hash sign. */
export const hash = signal(location.hash);
export const call = signal<Call | null>(null);
/** The call that the agent began last on this page. */
export const begun = signal<SessionId | null>(null);
export const player = createPlayer(signal(false));
/** Initial values of the form: from the list of calls, or typed before the sign-in expired. */
export const prefill = signal<{ number: string; reference: string; region?: string; language?: string } | null>(null);
/** The call in which the agent switched the microphone off: it stays off, without a warning. */
export const mutedByHand = signal<SessionId | null>(tab.recall(MUTED));

export const route = computed<Route>(() => {
	const [name, value] = hash.value.slice(1).split("=");
	if ((name === "call" || name === "detail") && value) return { at: name, session: value };
	const screen = name?.split("?")[0];
	const admin = ADMIN_SCREENS.find((one) => one === screen);
	return { at: admin ?? (screen === "calls" ? "calls" : "start") };
});

/** The camera and microphone of the whole console, shared by successive calls. */
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
	// A used link does no harm in a browser that is signed in already.
	const known = token === null ? null : await api.me();
	if (known?.ok) return welcome(known.value);
	if (signedOut(answer.error)) return;
	const { error } = answer.error;
	if (error === "network") signIn.value = "offline";
	else if (error === "trouble") signIn.value = "trouble";
	else signIn.value = token === null ? "out" : "spent";
}

/** Where the agent was when the sign-in expired. */
let back = "";

/** The agent is signed in. */
export function welcome(found: Me): void {
	const before = me.peek();
	if (before !== null && before.name !== found.name) {
		// Another agent must not see this form or call.
		back = "";
		prefill.value = null;
	}
	paint(found.brand);
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

/** Remembers where to continue after signing in at the provider. */
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
 * Checks a failed request for an expired sign-in, and shows the sign-in page if so. Returns whether
 * it did; the caller then shows no error.
 */
export function signedOut(error: ApiFailure): boolean {
	if (error.error !== "not_signed_in") return false;
	if (!location.hash.startsWith("#t=")) back = location.hash.slice(1);
	signIn.value = "out";
	return true;
}

export async function signOut(): Promise<void> {
	const answer = await account.signOut();
	closeAll();
	location.assign(answer.ok ? afterSignOut(answer.value.next) : HOME);
}

/** Leaves the call and forgets what this tab knows. */
export function closeAll(): void {
	hold(null);
	devices.stopAll();
	forgetTab();
}

export function go(to: "" | "calls" | `call=${SessionId}` | `detail=${SessionId}`): void {
	location.hash = to;
}

/** Opens the form with what a call had. */
export function inviteAgain({ number, reference }: { number: string; reference: string }): void {
	prefill.value = { number, reference };
	go("");
}

/** Changes the address without a step in the browser's history. */
export function replace(to: string): void {
	history.replaceState(null, "", `${HOME}${to === "" ? "" : `#${to}`}`);
	hash.value = location.hash;
}

/** Follows the address: only the call that it names is open. */
export function followRoute(): void {
	addEventListener("hashchange", () => {
		hash.value = location.hash;
		// No reload, which would forget where to return to.
		if (location.hash.startsWith("#t=")) void boot();
		else if (route.peek().at !== "call") devices.stopAll();
	});
	// The sign-in link may have been opened in another tab. In a frame the page around it signs in.
	if (!EMBEDDED) followOtherTabs();
	effect(() => {
		if (signIn.value === "out" && !EMBEDDED) void untracked(findEntrance);
	});
	effect(() => {
		const wanted = signIn.value === "in" && route.value.at === "call" ? route.value.session : null;
		untracked(() => hold(wanted));
	});
}

function followOtherTabs(): void {
	document.addEventListener("visibilitychange", () => {
		if (document.visibilityState === "hidden" || signIn.peek() !== "out") return;
		void api.me().then((answer) => answer.ok && signIn.peek() === "out" && welcome(answer.value));
	});
}

/** Opens the call here again after it moved to another page. */
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
	const stops = [player.follow(opened.remote), takeSeat(opened), forgetAfter(opened), beside(opened)];
	release = () => {
		for (const stop of stops) stop();
		opened.close();
	};
	call.value = opened;
}

/** What a call needs beside its screen: it loads while the agent waits. */
function beside(opened: Call): () => void {
	let stop: (() => void) | null = null;
	let over = false;
	void aside.loaded().then(({ besideCall }) => {
		if (!over) stop = besideCall(opened);
	});
	return () => {
		over = true;
		stop?.();
	};
}

const aside = later(() => import("./beside-call"));

/** Nothing of a call that is over here stays in the tab. */
function forgetAfter(opened: Call): () => void {
	return effect(() => {
		if (opened.view.value.ended !== null || opened.stop.value?.why === "moved") forgetTab(opened.session);
	});
}

// Joins without asking: the agent opened this call on this page.
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
	// The screen already says what stopped the call.
	if (refusal === null || call.peek() !== opened || opened.stop.peek() !== null) return;
	if (refusal.why !== "call_ended") toast(refusalWords(refusal));
}

/** Starts the microphone if the browser needs not ask; otherwise `OwnMicrophone` has a button. */
async function startIfGranted(opened: Call): Promise<void> {
	const { live_since_ms, seats } = opened.view.peek();
	// A microphone that was switched off in this call, on this page or an earlier one, stays off.
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

/** Joining does not wait longer than this for the microphone. */
const JOIN_WITHOUT_MS = 1_500;
