// What the agent did to the customer's devices, and asked for, from the log.

import type { Event, GuestAnswer, GuestDevice, GuestWish, LocatedAt, ZoomLevel } from "../wire/generated";

/** The agent's newest request. */
export interface GuestRequest {
	/** The number of the event that asked. */
	id: number;
	wish: GuestWish;
	/** Server time since which the answer is waited for. */
	since_ms: number;
	/** Null while it is open; `gone`: the customer's page left before it was answered. */
	answer: GuestAnswer | "gone" | null;
}

export interface GuestView {
	request: GuestRequest | null;
	/** The events with which the agent switched a device off last. */
	off: Readonly<Partial<Record<GuestDevice, number>>>;
	zoomed: { seq: number; zoom: ZoomLevel } | null;
	place: LocatedAt | null;
	/** The event with which the customer's page took its seat: earlier ones are not for it. */
	since: number;
}

export const UNTOUCHED: GuestView = { request: null, off: {}, zoomed: null, place: null, since: 0 };

/** The request waits for the customer, or for their phone. */
export function isOpen({ answer }: GuestRequest): boolean {
	return answer === null || answer === "allowed";
}

export function changeGuest(guest: GuestView, event: Event): GuestView {
	switch (event.type) {
		case "guest_switched_off":
			return { ...guest, off: { ...guest.off, [event.device]: event.seq } };
		case "guest_zoomed":
			return { ...guest, zoomed: { seq: event.seq, zoom: event.zoom } };
		case "guest_asked":
			return { ...guest, request: { id: event.seq, wish: event.wish, since_ms: event.at_ms, answer: null } };
		case "guest_answered":
			return answered(guest, event.asked, event.answer, event.at_ms);
		case "located": {
			const place = { ...event.place, at_ms: event.at_ms };
			return { ...answered(guest, event.asked, "done", event.at_ms), place };
		}
		case "joined":
		case "moved":
			return event.seat === "customer" ? { ...left(guest), since: event.seq } : guest;
		case "lost":
		case "left":
			return event.seat === "customer" ? left(guest) : guest;
		case "links_renewed":
			return left(guest);
		default:
			return guest;
	}
}

function answered(guest: GuestView, asked: number, answer: GuestRequest["answer"], since_ms: number): GuestView {
	const { request } = guest;
	if (request?.id !== asked || !isOpen(request)) return guest;
	return { ...guest, request: { ...request, answer, since_ms } };
}

function left(guest: GuestView): GuestView {
	return guest.request === null ? guest : answered(guest, guest.request.id, "gone", guest.request.since_ms);
}
