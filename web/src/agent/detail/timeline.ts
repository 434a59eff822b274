// The log in words. Pure.

import { t } from "../../i18n";
import "../../i18n/en-help";
import type { Event, Seat } from "../../wire/generated";
import { guestLine, wishesOf } from "./guest-line";
import { d } from "./words";

export interface TimelineLine {
	seq: number;
	at_ms: number;
	text: string;
	/** Something did not work. */
	trouble: boolean;
}

/** Whose names the lines say; the customer's changes on the way. */
type Names = Record<Seat, string>;

/** What happened in a call, without chat and strokes. Pictures are numbered in their order. */
export function timeline(events: readonly Event[]): TimelineLine[] {
	const names: Names = { agent: "", customer: d("customer") };
	const numbers = numbersOf(events);
	const wishes = wishesOf(events);
	const lines: TimelineLine[] = [];
	for (const event of events) {
		follow(names, event);
		const text = wordsOf(event, names, numbers) ?? guestLine(event, names.customer, wishes);
		if (text !== null) lines.push({ seq: event.seq, at_ms: event.at_ms, text, trouble: isTrouble(event) });
	}
	return lines;
}

/** The number of each picture, by the event that asked for it. */
export function numbersOf(events: readonly Event[]): ReadonlyMap<number, number> {
	const asked = events.filter((event) => event.type === "capture_asked");
	return new Map(asked.map((event, index) => [event.seq, index + 1]));
}

function follow(names: Names, event: Event): void {
	if (event.type === "invite_issued" || event.type === "call_taken") names.agent = event.agent_name;
	else if (event.type === "joined") names[event.seat] = event.name;
	else if (event.type === "renamed") names.customer = event.name;
}

function wordsOf(event: Event, names: Names, numbers: ReadonlyMap<number, number>): string | null {
	const who = (seat: Seat): { name: string } => ({ name: names[seat] });
	const shot = (seat: Seat, picture: number): { name: string; n: number } => ({
		...who(seat),
		n: numbers.get(picture) ?? 0,
	});
	switch (event.type) {
		case "invite_issued":
			return d("at_invited", names);
		case "call_taken":
			return d("at_taken", names);
		case "sms_accepted":
			return d("at_sms");
		case "sms_failed":
			return d("at_sms_failed");
		case "link_made":
			return d("at_link_made");
		case "links_renewed":
			return d("at_links_renewed", names);
		case "link_opened":
			return d("at_link_opened");
		case "lobby_reached":
			return d(`lobby_${event.step}`);
		case "renamed":
			return d("at_renamed", { name: event.name });
		case "joined":
			return d(event.video_only ? "at_joined_phone" : "at_joined", who(event.seat));
		case "moved":
			return d("at_moved", who(event.seat));
		case "lost":
			return d("at_lost", who(event.seat));
		case "left":
			return d("at_left", who(event.seat));
		case "resumed":
			return d("at_resumed", who(event.seat));
		case "capture_asked":
			return d(event.source === "gallery" ? "at_brought" : "at_captured", shot(event.seat, event.seq));
		case "capture_failed":
			return d("at_capture_failed", shot("customer", event.picture));
		case "picture_sent":
			return d("at_sent", shot(event.seat, event.picture));
		case "picture_deleted":
			return d("at_deleted", shot(event.seat, event.picture));
		case "ended":
			return d("at_ended", { why: t(`ended_${event.why}`, { agent: names.agent, customer: names.customer }) });
		default:
			return null;
	}
}

function isTrouble(event: Event): boolean {
	if (event.type === "lobby_reached") return !["in_lobby", "asking", "joining"].includes(event.step);
	return ["sms_failed", "lost", "capture_failed"].includes(event.type);
}
