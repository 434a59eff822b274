// What a page knows of its session, folded from the ordered log. Pure: no DOM, no socket, no clock.

import type { EndReason, Event, LobbyStep, Seat, SmsFailure } from "../wire/generated";

/** One line of the chat panel. */
export interface ChatLine {
	/** The event's number, or null while the server has not taken it. */
	seq: number | null;
	/**
	 * This page's own number of an own line (for `sayAgain`, and as a key, so that sending turns into sent in place); null
	 * for everybody else's and after a reload. A line keeps it when it turns from sending into sent.
	 */
	n: number | null;
	seat: Seat;
	text: string;
	/** Server time of the event, or the page's own time while sending. */
	at_ms: number;
	state: "sending" | "sent" | "failed";
}

/** A person's place, as the log tells it. */
export interface SeatView {
	name: string | null;
	joined: boolean;
	/** When the seat was first taken, server time. */
	joined_at_ms: number | null;
	/** Lost and not back yet, or left. */
	away: "lost" | "left" | null;
	microphone: boolean;
	camera: boolean;
	video_only: boolean;
	/** How often the seat went to another device. */
	moves: number;
}

/** One text message. */
export interface SmsAttempt {
	attempt: number;
	at_ms: number;
	outcome: "unknown" | "accepted" | SmsFailure;
}

/** Everything the log tells. */
export interface View {
	/** Newest event applied. */
	head: number;
	agent_name: string | null;
	language: string | null;
	/** The agent's page only. */
	number: string | null;
	/** The agent's page only. */
	reference: string | null;
	invite_expires_at_ms: number | null;
	sms: readonly SmsAttempt[];
	links_made: number;
	link_opened_at_ms: number | null;
	lobby: LobbyStep | null;
	seats: Readonly<Record<Seat, SeatView>>;
	/** Both have joined: the call's timer counts from here. */
	live_since_ms: number | null;
	ended: { why: EndReason; at_ms: number } | null;
	lines: readonly ChatLine[];
}

export type { Event };
