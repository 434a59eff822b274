// Decides the connection state that the page shows from what is known of socket, media and the
// other person. Pure.

import type { SeatView } from "../session/view";
import type { ConnectionState, PausedPart } from "./call";
import type { PeerState } from "./media/peer";
import type { Flow } from "./vitals/flow";

export interface Facts {
	/** On the clock of the times below. */
	now: number;
	over: boolean;
	ready: boolean;
	/** The socket is not attached: since when, and when the next try is. */
	unattached: { since: number; retry_at: number } | null;
	joined: boolean;
	other: SeatView;
	/** The server or the relay has the other person's page. */
	otherHere: boolean;
	/** The server does not have the other person's page: since when. */
	otherUnattached: number | null;
	/** What comes of the other person's page. */
	flow: Flow;
	/** The relay is heard: a path that is dead is dead beyond it. */
	relayHeard: boolean;
	otherPaused: PausedPart | null;
	/** This phone keeps its camera's picture back. */
	ownPaused: boolean;
	media: PeerState;
	media_retry_at: number | null;
	weak: boolean;
}

export function connectionOf(facts: Facts): ConnectionState {
	const { now, unattached, other } = facts;
	if (facts.over) return { state: "ended" };
	if (!facts.ready) return { state: "connecting" };
	const flows = facts.media === "connected" && facts.flow === "flows";
	if (unattached !== null && now - unattached.since > GRACE_MS && !flows) {
		return { state: "reconnecting", lost: "socket", retry_in_s: seconds(unattached.retry_at - now) };
	}
	if (!facts.joined || !other.joined) return { state: "connecting" };
	// Checked before media: a page in the background sends none, and that is the better
	// explanation.
	if (facts.otherPaused !== null) return { state: "paused", whose: "other", what: facts.otherPaused };
	if (facts.media === "lost" || (facts.flow === "silent" && !facts.relayHeard)) {
		return { state: "reconnecting", lost: "media", retry_in_s: seconds((facts.media_retry_at ?? now) - now) };
	}
	const gone = other.away === "left" || ((other.away !== null || !facts.otherHere) && !flows);
	if (gone || facts.flow === "silent") return { state: "reconnecting", lost: "other_person", retry_in_s: 0 };
	if (facts.ownPaused) return { state: "paused", whose: "own", what: "camera" };
	if (facts.media === "connecting") return { state: "connecting" };
	const signalling = signallingLost(facts);
	return { state: facts.weak ? "weak" : "live", ...(signalling !== null && { signalling }) };
}

/** Sound and picture flow, and whose page has no server. */
function signallingLost({ now, unattached, other, otherUnattached }: Facts): "own" | "other" | null {
	if (unattached !== null && now - unattached.since > SIGNALLING_MS) return "own";
	if (other.away === "lost") return "other";
	return otherUnattached !== null && now - otherUnattached > SIGNALLING_MS ? "other" : null;
}

function seconds(ms: number): number {
	return Math.max(0, Math.ceil(ms / 1000));
}

/** A shorter loss of the socket is not shown. */
const GRACE_MS = 700;
/** By then it is known whether sound and picture go on. */
const SIGNALLING_MS = 1_200;
