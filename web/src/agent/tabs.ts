// The agent's other tabs: a microphone is on in one call at a time, since people in two calls would
// hear what is meant for one.

import { effect, signal, untracked } from "@preact/signals";
import type { Call } from "../link/call";
import type { SessionId } from "../wire/generated";

/** The call in which the microphone went off because the agent speaks in another one. */
export const speaksElsewhere = signal<SessionId | null>(null);

/**
 * Tells the other tabs when the microphone comes on in this call, and switches it off when one of
 * them says so. Sound of the customer stays. Returns what stops it.
 */
export function shareMicrophone(call: Call): () => void {
	if (typeof BroadcastChannel === "undefined") return () => undefined;
	const tabs = new BroadcastChannel(CHANNEL);
	tabs.onmessage = ({ data }: MessageEvent<unknown>) => {
		// Another page of the same call takes it over as a whole.
		if (data === call.session || !call.media.peek().microphone) return;
		speaksElsewhere.value = call.session;
		void call.setMicrophone(false);
	};
	const stop = effect(() => {
		if (!call.joined.value || !call.media.value.microphone) return;
		untracked(() => {
			speaksElsewhere.value = null;
			tabs.postMessage(call.session);
		});
	});
	return () => {
		stop();
		tabs.close();
		speaksElsewhere.value = null;
	};
}

const CHANNEL = "sightline-microphone";
