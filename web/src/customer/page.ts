// The customer's page from the link to the end of the call. Screens read its signals and call its
// functions.

import { batch, computed, effect, signal } from "@preact/signals";
import { loadAhead, speak, t } from "../i18n";
import { reportedLanguages } from "../i18n/reported";
import * as api from "../link/server/api";
import type { Call, DeviceTrouble, Stop } from "../link/call";
import { createDevices } from "../link/media/devices";
import { opening } from "../link/opening";
import { later } from "../ui/later";
import { paint } from "../ui/look/brand";
import { createPlayer } from "../ui/player";
import { keepsCookies, tab } from "../ui/remember";
import { type ApiFailure, failureWords, refusalWords } from "../ui/refusals";
import { toast } from "../ui/toasts";
import type { EndReason, LinkSecret, Look, Refusal, SessionId } from "../wire/generated";
import { inApp, maybeInApp } from "./browser";

export type Screen =
	| "loading"
	| "offline"
	| "too_often"
	| "server"
	| "code"
	| "link_unknown"
	| "no_cookies"
	| "link_expired"
	| "link_cancelled"
	| "link_ended"
	| "in_app"
	| "lobby"
	| "trouble"
	| "call"
	| "ended"
	| "moved"
	| "renewed"
	| "version";

/** Screens of the part that loads later. */
export type Around = Exclude<Screen, "loading" | "offline" | "too_often" | "server" | "lobby" | "call">;

type Failure = Extract<Screen, "offline" | "server" | "too_often" | "link_unknown" | "no_cookies">;

const fragment = location.hash.slice(1);
const arrivedInside = fragment.startsWith("s=");
/** The link's secret or a code that was typed. Kept in memory only. */
let invited: LinkSecret | null = arrivedInside || fragment === "" ? null : { secret: fragment };
/** There is no link: the page asks for a code. */
const asksCode = signal(false);

export const look = signal<Look | null>(null);
const failed = signal<Failure | null>(null);
export const call = signal<Call | null>(null);
export const devices = createDevices({ seat: "customer" });

export const name = signal(tab.recall("name") ?? "");
export const videoOnly = signal(tab.recall("video-only") === "yes");
/** Join was tapped and has not finished. */
export const joining = signal(false);
/** Join was tapped and waits for the camera. */
const joinWanted = signal(false);
/** The camera failed, and the customer has not chosen to go on without it. */
const troubled = signal(false);
export const insideApp = inApp(navigator.userAgent) || (navigator.mediaDevices === undefined && isSecureContext);
/**
 * Shown as inside an app once the camera turns out to be missing. A page on the home screen has the
 * same words, and is in no app.
 */
export const maybeInside =
	maybeInApp(navigator.userAgent, navigator.maxTouchPoints) && !matchMedia("(display-mode: standalone)").matches;
export const stays = signal(false);
/** Whether the browser keeps our cookie; null before there was a doubt. */
const cookies = signal<"kept" | "blocked" | null>(null);
export const player = createPlayer(videoOnly);
let cameraAsked = false;
let microphoneAsked = false;

export const screen = computed<Screen>(() => {
	if (failed.value !== null) return failed.value;
	const known = look.value;
	if (known === null) return asksCode.value ? "code" : "loading";
	const opened = call.value;
	const ended = opened?.view.value.ended;
	if (ended) return opened?.view.value.seats.customer.joined ? "ended" : LINK_AFTER[ended.why];
	if (opened?.stop.value) return afterStop(opened.stop.value.why);
	if (opened?.joined.value) return "call";
	if (known.state !== "valid") return `link_${known.state}`;
	if (insideApp && !stays.value) return "in_app";
	if (arrivedInside && known.joined && !opened?.ready.value) return "loading";
	const trouble = troubled.value ? devices.cameraTrouble.value : null;
	if (trouble === null) return "lobby";
	return maybeInside && !stays.value && NO_CAMERA.has(trouble) ? "in_app" : "trouble";
});

const closed = computed(() => CLOSED.has(screen.value));

/** Another page holds the seat: Join would move the call. */
export const elsewhere = computed(() => {
	const opened = call.value;
	return opened?.ready.value ? opened.heldElsewhere.value : (look.value?.joined ?? false);
});

/** The browser may grant a device long after the page stopped waiting for it. */
export function awaitGrants(): void {
	effect(() => {
		const lit = devices.camera.value !== null || devices.microphone.value !== null;
		if (lit && closed.value) devices.stopAll();
	});
	effect(() => {
		if (call.value?.stop.value?.why === "no_seat" && invited !== null) void checkCookies(call.value.session, invited);
	});
	effect(() => {
		if (joinWanted.value && devices.camera.value !== null && !closed.peek()) void goIn();
	});
}

/** Reads the fragment. Changes nothing on the server. */
export async function boot(): Promise<void> {
	failed.value = null;
	if (fragment === "") {
		await speak(reportedLanguages());
		asksCode.value = true;
		return;
	}
	// The invite's language is mostly the browser's.
	loadAhead(reportedLanguages());
	// A page that is in its call already goes straight there.
	if (arrivedInside) opening.preload();
	const answer = await (invited === null ? api.seat(fragment.slice(2)) : api.look(invited));
	if (!answer.ok) {
		await speak(reportedLanguages());
		const failure = failureOf(answer.error.error);
		// Of a seat's page the cookie is all that proves it; without cookies no link would help.
		failed.value = failure === "link_unknown" && arrivedInside && !keepsCookies() ? "no_cookies" : failure;
		return;
	}
	await arrive(answer.value);
	const { state, session } = answer.value;
	if (arrivedInside && state === "valid" && session !== undefined) await open(session);
}

async function arrive(at: Look): Promise<void> {
	await speak([at.language, ...reportedLanguages()]);
	if (name.peek() === "") name.value = at.name ?? t("guest");
	paint(at.brand);
	look.value = at;
}

/** Reads what a typed code leads to. Returns why it leads nowhere. */
export async function tryCode(code: string): Promise<ApiFailure | null> {
	const answer = await api.look({ code });
	// Another code has led somewhere meanwhile.
	if (look.peek() !== null) return null;
	if (!answer.ok) return answer.error;
	invited = { code };
	await arrive(answer.value);
	return null;
}

let entering: Promise<boolean> | null = null;

/** The first tap or key: trades the link's secret or the code for the seat and connects. */
export function enter(): Promise<boolean> {
	if (call.peek() !== null) return Promise.resolve(true);
	if (look.peek()?.state !== "valid" || invited === null) return Promise.resolve(false);
	entering ??= trade(invited).finally(() => {
		entering = null;
	});
	return entering;
}

/** What the page tells of itself. Loads beside the lobby, at the latest with the first tap. */
export const arrival = later(() => import("./arriving"));

async function trade(by: LinkSecret): Promise<boolean> {
	arrival.preload();
	const answer = await api.enter(by);
	if (!answer.ok) {
		if (failureOf(answer.error.error) === "link_unknown") failed.value = "link_unknown";
		else toast(failureWords(answer.error));
		return false;
	}
	look.value = answer.value;
	const { session } = answer.value;
	if (answer.value.state !== "valid" || session === undefined) return false;
	nameFrom(answer.value.name ?? null);
	// Inside another app the address keeps the secret, since its menu "open in browser" passes the
	// address on.
	if (!insideApp && !maybeInside) history.replaceState(null, "", `/j#s=${session}`);
	await open(session);
	return true;
}

async function open(session: SessionId): Promise<void> {
	const { openCall } = await opening.loaded();
	const opened = openCall({ session, seat: "customer", devices });
	call.value = opened;
	player.follow(opened.remote);
	effect(() => nameFrom(opened.view.value.seats.customer.name));
}

/** A second device, or a new tab, starts with the name that the customer gave before. */
function nameFrom(known: string | null): void {
	if (known !== null && name.peek() === t("guest")) name.value = known;
}

/** Finds out whether the browser keeps cookies: a valid link got a seat, but no socket has it. */
async function checkCookies(session: SessionId, by: LinkSecret): Promise<void> {
	const entered = await api.enter(by);
	const seated = await api.seat(session);
	const lost = entered.ok && entered.value.state === "valid" && !seated.ok && NO_LINK.has(seated.error.error);
	if (lost) {
		// A reload has to find the link again, or to ask for the code.
		history.replaceState(null, "", addressOf(by));
		holdUp("cookies_blocked");
	}
	cookies.value = lost ? "blocked" : "kept";
}

/** Tells the agent, without a socket, what keeps this page from connecting. */
export function holdUp(step: "connection_blocked" | "cookies_blocked"): void {
	const opened = call.peek();
	if (opened !== null) void api.heldUp(opened.session, { step, ...invited });
}

export async function showCamera(): Promise<void> {
	void enter();
	await askCamera();
	if (devices.camera.peek() !== null) await askMicrophone();
}

async function askCamera(): Promise<boolean> {
	cameraAsked = true;
	const granted = await devices.startCamera();
	troubled.value = !granted;
	return granted;
}

async function askMicrophone(): Promise<void> {
	if (videoOnly.peek() || devices.microphone.peek() !== null) return;
	microphoneAsked = true;
	await devices.startMicrophone();
}

/** Asks for devices that were not asked for yet, and joins with those that were granted. */
export async function join(): Promise<void> {
	player.hear();
	await goIn();
}

async function goIn(): Promise<void> {
	if (joining.peek()) return;
	batch(() => {
		joining.value = true;
		joinWanted.value = false;
	});
	const entered = enter();
	// Without a camera the customer chooses how to go on. The seat comes meanwhile, unwatched.
	const ready = cameraAsked || devices.camera.peek() !== null || (await askCamera());
	// A closed link needs no microphone.
	if (ready && (await entered) && !closed.peek()) {
		if (!microphoneAsked) await askMicrophone();
		await take();
	}
	batch(() => {
		joining.value = false;
		joinWanted.value = !ready;
	});
}

export async function retryCamera(): Promise<void> {
	const goesIn = joinWanted.peek();
	if ((await askCamera()) && !goesIn) await askMicrophone();
}

async function take(): Promise<void> {
	const opened = call.peek();
	if (opened === null) return;
	const refusal = await opened.join({
		name: shownName(),
		videoOnly: videoOnly.peek(),
		take: elsewhere.peek(),
		// Joining does not wait for it.
		...arrival.peek()?.arriving(),
	});
	if (refusal !== null && !closed.peek() && !CLOSING.has(refusal.why)) toast(refusalWords(refusal));
}

/** In the call: turning the microphone on ends "video only", since the phone call is over then. */
export async function turnMicrophone(opened: Call, on: boolean): Promise<boolean> {
	const onPhone = videoOnly.peek();
	if (on && onPhone) {
		setVideoOnly(false);
		player.hear();
	}
	const done = await opened.setMicrophone(on);
	// The browser may still grant an unanswered question.
	if (!done && onPhone && devices.microphoneTrouble.peek() !== "no_answer") setVideoOnly(true);
	return done;
}

let renamed = "";

/** Sends the name to the agent; called when the field loses focus. */
export function rename(): void {
	tab.remember("name", name.peek());
	const opened = call.peek();
	const wanted = shownName();
	if (opened === null || elsewhere.peek() || wanted === renamed || wanted === t("guest")) return;
	renamed = wanted;
	opened.rename(wanted);
}

export function chooseVideoOnly(on: boolean): void {
	setVideoOnly(on);
	if (on) devices.stopMicrophone();
	else if (devices.camera.peek() !== null) void askMicrophone();
}

function setVideoOnly(on: boolean): void {
	videoOnly.value = on;
	tab.remember("video-only", on ? "yes" : "no");
}

/** The opened link, to copy into another browser. */
export function linkToCopy(): string | null {
	return invited === null ? null : location.origin + addressOf(invited);
}

const addressOf = (by: LinkSecret): string => ("secret" in by ? `/j#${by.secret}` : "/j");

const shownName = (): string => name.peek().trim() || t("guest");

function failureOf(error: string): Failure {
	if (error === "too_often") return "too_often";
	if (error === "trouble") return "server";
	return NO_LINK.has(error) ? "link_unknown" : "offline";
}

/** `not_signed_in` is a seat without its cookie: only the link in the text message helps. */
const NO_LINK: ReadonlySet<string> = new Set(["unknown_link", "malformed", "too_long", "not_found", "not_signed_in"]);

/** How a web view says that it gives pages no camera. */
const NO_CAMERA: ReadonlySet<DeviceTrouble> = new Set(["denied", "absent", "unsupported"]);

/** Screens without a way back into the call. */
const CLOSED: ReadonlySet<Screen> = new Set([
	"link_unknown",
	"no_cookies",
	"link_expired",
	"link_cancelled",
	"link_ended",
	"ended",
	"moved",
	"renewed",
	"version",
]);

/** Refusals that a closing screen explains. */
const CLOSING: ReadonlySet<Refusal["why"]> = new Set(["invite_expired", "invite_cancelled", "call_ended", "no_seat"]);

function afterStop(why: Stop["why"]): Screen {
	if (why !== "no_seat") return why;
	if (invited === null || cookies.value === "kept") return "link_unknown";
	return cookies.value === null ? "loading" : "no_cookies";
}

const LINK_AFTER: Readonly<Record<EndReason, Screen>> = {
	invite_cancelled: "link_cancelled",
	invite_expired: "link_expired",
	agent_ended: "link_ended",
	customer_ended: "link_ended",
	nobody_heard: "link_ended",
	too_long: "link_ended",
};
