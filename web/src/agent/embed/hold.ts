// This page in a frame of another program: it takes a token from the page around it, signs the
// agent in with it, and tells that page what happens.

import { effect, signal, untracked } from "@preact/signals";
import type { FrameSays, SignsIn } from "../../../embed";
import * as api from "../../link/server/api";
import { EMBED_S, type EmbedOrigin, type Me } from "../../wire/generated";
import * as account from "../account";
import { closeAll, me, prefill, replace, signIn, welcome } from "../console";
import * as embed from "./embed-api";
import { follow } from "./follow";
import { read } from "./messages";

/** Why the agent is not signed in. */
export type Unheld =
	/** The page around has said no token yet. */
	| "waiting"
	/** There is no page around. */
	| "alone"
	| "refused"
	/** The browser keeps no cookie of this page. */
	| "no_cookie"
	| "offline"
	| "ended";

export const unheld = signal<Unheld>("waiting");

/** The origin of the page around, once it has said a message and is allowed to. */
let holder: EmbedOrigin | null = null;
let renewing: ReturnType<typeof setTimeout> | undefined;

/** Begins. Returns what hears the messages of the window around this one. */
export function hold(): (event: MessageEvent<unknown>) => void {
	if (window.parent === window) unheld.value = "alone";
	signIn.value = "out";
	follow((type, call) => tell({ sightline: 1, type, call }));
	// The sign-in ran out while the agent worked.
	effect(() => {
		if (signIn.value === "out" && me.peek() !== null) untracked(ended);
	});
	let turn = Promise.resolve();
	return (event) => {
		turn = turn.then(() => hear(event));
	};
}

async function hear(event: MessageEvent<unknown>): Promise<void> {
	const says = read(event.data);
	if (says === null) return;
	const allowed = await embed.origins();
	if (!allowed.ok) return doubt("offline");
	// The policy of this page lets no other page hold it. A browser without such policies would.
	if (!allowed.value.origins.includes(event.origin)) return;
	holder = event.origin;
	if (says.type === "token") await enter(says, event.origin);
	else await leave();
}

async function enter(says: SignsIn, origin: EmbedOrigin): Promise<void> {
	const entered = await embed.enter({ token: says.token, origin });
	if (!entered.ok) {
		const { error } = entered.error;
		return doubt(error === "network" || error === "trouble" ? "offline" : "refused");
	}
	const kept = await api.me();
	if (!kept.ok) return doubt(kept.error.error === "not_signed_in" ? "no_cookie" : "offline");
	if (signIn.peek() !== "in") begin(says, kept.value);
	clearTimeout(renewing);
	renewing = setTimeout(renew, (EMBED_S - RENEWED_BEFORE_S) * 1_000);
	tell({ sightline: 1, type: "ready" });
}

function begin({ call, prefill: wanted = {} }: SignsIn, found: Me): void {
	if (me.peek() === null) {
		const { number = "", reference = "" } = wanted;
		const language = offered(wanted.language, found.languages);
		prefill.value = { number, reference, ...(language !== undefined && { language }) };
		if (call !== undefined) replace(`call=${call}`);
	}
	welcome(found);
}

/** The offered language that is the wanted one, or another kind of it. */
function offered(wanted: string | undefined, languages: readonly string[]): string | undefined {
	const base = (tag: string | undefined) => tag?.split("-")[0]?.toLowerCase();
	return languages.find((one) => one === wanted) ?? languages.find((one) => base(one) === base(wanted));
}

/** Something failed. While the agent is still signed in it does not matter yet. */
function doubt(why: Unheld): void {
	if (signIn.peek() !== "in") unheld.value = why;
}

function ended(): void {
	unheld.value = "ended";
	renew();
}

const renew = (): void => tell({ sightline: 1, type: "renew" });

async function leave(): Promise<void> {
	clearTimeout(renewing);
	const answer = await account.signOut();
	closeAll();
	me.value = null;
	unheld.value = answer.ok ? "ended" : "offline";
	signIn.value = "out";
}

/** Tells the page around, and no other one that came in its place. */
function tell(says: FrameSays): void {
	if (holder !== null) window.parent.postMessage(says, holder);
}

const RENEWED_BEFORE_S = 10 * 60;
