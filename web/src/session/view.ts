// What a page knows of its session, folded from the ordered log. Pure: no DOM, no socket, no clock.

import type { CaptureTrouble, EndReason, Ink, LobbyStep, Seat, SmsFailure, Stroke } from "../wire/generated";
import { bySeat, type Seats } from "../wire/seats";

/** One line of the chat panel. */
export interface ChatLine {
	/** The event's number, or null while the server has not taken it. */
	seq: number | null;
	/**
	 * This page's own number of an own line (for `sayAgain`, and as a key, so that sending turns
	 * into sent in place); null for everybody else's and after a reload. A line keeps it when it
	 * turns from sending into sent.
	 */
	n: number | null;
	seat: Seat;
	text: string;
	/** Server time of the event, or the page's own time while sending. */
	at_ms: number;
	state: "sending" | "sent" | "failed";
	/** A picture that was sent: `text` is empty. */
	picture: SentView | null;
}

/** A picture with strokes, in the chat. */
export interface SentView {
	picture: number;
	/** With the strokes that stood at this event. */
	through: number;
	width: number;
	height: number;
}

/** A picture of the session that was not deleted, and its board. */
export interface PictureView {
	/** The number of the event that asked for it. */
	id: number;
	/** Who asked last. */
	asked_by: Seat;
	/** Server time of the first asking. */
	at_ms: number;
	/**
	 * Server time of what is to be seen on it, stamped on what is sent. A sharp picture is of the
	 * newest asking; one of low resolution is the frame that the agent froze at the first. Until
	 * either is there: the first.
	 */
	taken_at_ms: number;
	/** Which asking is the newest, from 1, and its server time. */
	attempt: number;
	asked_at_ms: number;
	/** What became of the newest asking, when it failed. */
	failed: CaptureTrouble | null;
	base: { width: number; height: number; low_resolution: boolean } | null;
	/** The newest event that changed its strokes, or its own: the same strokes have one number. */
	touched: number;
	/** Oldest first, with those that are taken back and can come back. */
	strokes: readonly StrokeView[];
}

/** A finished stroke, as the log tells it. */
export interface StrokeView {
	/** The number of its event. */
	id: number;
	seat: Seat;
	stroke: Stroke;
	/** The event that took it back, or null while it stands. */
	undone: number | null;
}

/** A stroke to be painted. */
export interface ShownStroke {
	/**
	 * Key over its whole life, from the first point to the log; with the seat, since each author
	 * chooses their own.
	 */
	mark: number;
	seat: Seat;
	ink: Ink;
	/** Not in the log yet. */
	pending: boolean;
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
	seats: Seats<SeatView>;
	/** Both have joined: the call's timer counts from here. */
	live_since_ms: number | null;
	ended: { why: EndReason; at_ms: number } | null;
	lines: readonly ChatLine[];
	/** Minutes that the customer's clock is ahead of UTC. */
	utc_offset_min: number | null;
	/** Oldest first, without those that were deleted. */
	pictures: readonly PictureView[];
	/** The picture whose board both look at. */
	board: number | null;
}

/** Each person's name; the agent's is known before they join. */
export function namesOf({ seats, agent_name }: Pick<View, "seats" | "agent_name">): Seats<string | null> {
	return bySeat((seat) => seats[seat].name ?? (seat === "agent" ? agent_name : null));
}
