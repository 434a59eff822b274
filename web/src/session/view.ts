// What a page knows about its session, folded from the ordered log. Pure: no DOM, socket or clock.

import type {
	CaptureTrouble,
	EndReason,
	Ink,
	LobbyStep,
	PictureSource,
	Seat,
	SmsFailure,
	Stroke,
} from "../wire/generated";
import { bySeat, type Seats } from "../wire/seats";
import type { ChatLines } from "./chat-lines";
import type { GuestView } from "./guest";

/** One line of the chat panel. */
export interface ChatLine {
	/** The event's number; null until the server has accepted the line. */
	seq: number | null;
	/**
	 * This page's number for one of its own lines; null for other lines and after a reload. The
	 * line keeps it when it turns from sending into sent. `sayAgain` takes it, and it serves as a
	 * key.
	 */
	n: number | null;
	seat: Seat;
	text: string;
	/** Server time of the event; the page's own time while sending. */
	at_ms: number;
	state: "sending" | "sent" | "failed";
	/** A picture that was sent; `text` is empty then. */
	picture: SentView | null;
}

/** A picture in the chat, with its strokes. */
export interface SentView {
	picture: number;
	/** It shows the strokes as of this event. */
	through: number;
	width: number;
	height: number;
}

/** A picture of the session and its board. Deleted pictures have none. */
export interface PictureView {
	/** The number of the event that requested it. */
	id: number;
	/** Who requested it last. */
	asked_by: Seat;
	/** `gallery`: the customer chose a file. There is no frame of the video that shows it. */
	source: PictureSource;
	/** Server time of the first request. */
	at_ms: number;
	/**
	 * Server time of the moment it shows, stamped on sent pictures. A sharp picture shows the
	 * newest request; a low-resolution one is the frame that the agent froze at the first request.
	 * Until either arrives, this is the first request.
	 */
	taken_at_ms: number;
	/**
	 * Minutes that the customer's clock was ahead of UTC at the newest request; null while that is
	 * not known.
	 */
	utc_offset_min: number | null;
	/** The newest request, counted from 1, and its server time. */
	attempt: number;
	asked_at_ms: number;
	/** Why the newest request failed, if it did. */
	failed: CaptureTrouble | null;
	/** `digest` names its bytes; servers from before there were digests leave it out. */
	base: { width: number; height: number; low_resolution: boolean; digest: string | undefined } | null;
	/** The newest event that changed its strokes, or its own. The same strokes have one number. */
	touched: number;
	/** Oldest first, including undone ones that can be redone. */
	strokes: readonly StrokeView[];
}

/** A finished stroke in the log. */
export interface StrokeView {
	/** The number of its event. */
	id: number;
	seat: Seat;
	stroke: Stroke;
	/** The event that undid it, or null. */
	undone: number | null;
}

/** A stroke to be painted. */
export interface ShownStroke {
	/**
	 * Together with the seat the stroke's key from its first point on: each author numbers their
	 * own strokes.
	 */
	mark: number;
	seat: Seat;
	ink: Ink;
	/** It is not in the log yet. */
	pending: boolean;
}

/** A seat and the person on it, from the log. */
export interface SeatView {
	name: string | null;
	joined: boolean;
	/** Server time at which the seat was first taken. */
	joined_at_ms: number | null;
	/** Connection lost, or page closed; null while they are present. */
	away: "lost" | "left" | null;
	microphone: boolean;
	camera: boolean;
	video_only: boolean;
	/** How often the seat moved to another device. */
	moves: number;
}

/** One text message. */
export interface SmsAttempt {
	attempt: number;
	at_ms: number;
	outcome: "unknown" | "accepted" | SmsFailure;
}

/** Everything a page knows from the log. */
export interface View {
	/** The newest event applied. */
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
	/** Server time at which both had joined; the call's timer counts from here. */
	live_since_ms: number | null;
	ended: { why: EndReason; at_ms: number } | null;
	lines: ChatLines;
	/** The customer's devices, as far as the agent has to do with them. */
	guest: GuestView;
	/** The customer's offset from UTC in minutes. */
	utc_offset_min: number | null;
	/** Oldest first, without deleted ones. */
	pictures: readonly PictureView[];
	/** The picture whose board is open. */
	board: number | null;
}

/** Each person's name; the agent's is known before they join. */
export function namesOf({ seats, agent_name }: Pick<View, "seats" | "agent_name">): Seats<string | null> {
	return bySeat((seat) => seats[seat].name ?? (seat === "agent" ? agent_name : null));
}
