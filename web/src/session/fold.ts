// Folds events into a view. Total: an unknown event of a newer server only moves the head.

import type { Event, Seat } from "../wire/generated";
import { changeBoards, NO_BOARDS } from "./boards";
import { bySeat } from "../wire/seats";
import { LoggedLines } from "./chat-lines";
import { changeGuest, UNTOUCHED } from "./guest";
import type { ChatLine, SeatView, SmsAttempt, View } from "./view";

const NOBODY: SeatView = {
	name: null,
	joined: false,
	joined_at_ms: null,
	away: null,
	microphone: false,
	camera: false,
	video_only: false,
	moves: 0,
};

/** A view of the log alone. */
export interface Folded extends View {
	lines: LoggedLines;
}

/** The view before the first event. */
export const EMPTY: Folded = {
	head: 0,
	agent_name: null,
	language: null,
	number: null,
	reference: null,
	invite_expires_at_ms: null,
	sms: [],
	links_made: 0,
	link_opened_at_ms: null,
	lobby: null,
	seats: bySeat(() => NOBODY),
	live_since_ms: null,
	ended: null,
	lines: LoggedLines.none(),
	guest: UNTOUCHED,
	utc_offset_min: null,
	...NO_BOARDS,
};

/**
 * Returns the view after an event. A repeated event changes nothing. Returns null for an event
 * beyond a gap; the caller then requests the missing ones.
 */
export function apply(view: Folded, event: Event): Folded | null {
	if (event.seq <= view.head) return view;
	if (event.seq !== view.head + 1) return null;
	return { ...changed(view, event), guest: changeGuest(view.guest, event), head: event.seq };
}

function changed(view: Folded, event: Event): Folded {
	switch (event.type) {
		case "invite_issued":
			return {
				...withSeat(view, "agent", { name: event.agent_name }),
				agent_name: event.agent_name,
				language: event.language,
				number: event.number ?? null,
				reference: event.reference ?? null,
				invite_expires_at_ms: event.expires_at_ms,
			};
		case "call_taken":
			return { ...withSeat(view, "agent", { name: event.agent_name }), agent_name: event.agent_name };
		case "sms_attempted":
			return { ...view, sms: [...view.sms, { attempt: event.attempt, at_ms: event.at_ms, outcome: "unknown" }] };
		case "sms_accepted":
			return { ...view, sms: settled(view.sms, event.attempt, event.at_ms, "accepted") };
		case "sms_failed":
			return { ...view, sms: settled(view.sms, event.attempt, event.at_ms, event.why) };
		case "link_made":
			return { ...view, links_made: view.links_made + 1 };
		case "links_renewed": {
			const renewed = { ...view, links_made: view.links_made + 1 };
			return view.seats.customer.joined ? withSeat(renewed, "customer", { away: "left" }) : renewed;
		}
		case "link_opened":
			return { ...view, link_opened_at_ms: view.link_opened_at_ms ?? event.at_ms };
		case "lobby_reached":
			return { ...view, lobby: event.step };
		case "renamed":
			return withSeat(view, "customer", { name: event.name });
		case "joined": {
			const joined = withSeat(connected(view, event.seat), event.seat, {
				name: event.name,
				joined: true,
				joined_at_ms: view.seats[event.seat].joined_at_ms ?? event.at_ms,
				away: null,
				video_only: event.video_only,
			});
			const both = joined.seats.agent.joined && joined.seats.customer.joined;
			return { ...joined, live_since_ms: joined.live_since_ms ?? (both ? event.at_ms : null) };
		}
		case "lost":
			return withSeat(view, event.seat, { away: "lost" });
		case "left":
			return withSeat(view, event.seat, { away: "left" });
		case "resumed":
			return withSeat(connected(view, event.seat), event.seat, { away: null });
		case "moved":
			return withSeat(connected(view, event.seat), event.seat, {
				away: null,
				video_only: event.video_only,
				moves: view.seats[event.seat].moves + 1,
			});
		case "media_changed":
			return withSeat(view, event.seat, { microphone: event.microphone, camera: event.camera });
		case "said":
			return withLine(view, event, { text: event.text, picture: null });
		case "picture_sent": {
			const { picture, through, width, height } = event;
			return withLine(view, event, { text: "", picture: { picture, through, width, height } });
		}
		case "zone_told":
			return { ...withBoards(view, event), utc_offset_min: event.utc_offset_min };
		case "ended":
			return { ...view, ended: { why: event.why, at_ms: event.at_ms } };
		default:
			return withBoards(view, event);
	}
}

function withBoards(view: Folded, event: Event): Folded {
	const { pictures, board, utc_offset_min } = view;
	return { ...view, ...changeBoards({ pictures, board }, event, utc_offset_min) };
}

/** A customer who is here connects: what kept them from it is over. */
function connected(view: Folded, seat: Seat): Folded {
	return seat === "customer" && view.lobby === "connection_blocked" ? { ...view, lobby: null } : view;
}

function withLine(
	view: Folded,
	event: Extract<Event, { type: "said" | "picture_sent" }>,
	content: Pick<ChatLine, "text" | "picture">,
): Folded {
	const { seq, seat, at_ms } = event;
	return { ...view, lines: view.lines.plus({ seq, n: null, seat, at_ms, state: "sent", ...content }) };
}

function withSeat(view: Folded, seat: Seat, change: Partial<SeatView>): Folded {
	return { ...view, seats: { ...view.seats, [seat]: { ...view.seats[seat], ...change } } };
}

function settled(
	sms: readonly SmsAttempt[],
	attempt: number,
	at_ms: number,
	outcome: SmsAttempt["outcome"],
): readonly SmsAttempt[] {
	if (!sms.some((one) => one.attempt === attempt)) return [...sms, { attempt, at_ms, outcome }];
	return sms.map((one) => (one.attempt === attempt ? { ...one, outcome } : one));
}
