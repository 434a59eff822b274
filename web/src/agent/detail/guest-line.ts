// What the agent did to the customer's devices and asked for, as lines of the timeline.

import type { Event, GuestWish } from "../../wire/generated";
import { g } from "../guest/words";

/** What was asked for, by the event that asked. */
export function wishesOf(events: readonly Event[]): ReadonlyMap<number, GuestWish> {
	return new Map(events.flatMap((event) => (event.type === "guest_asked" ? [[event.seq, event.wish] as const] : [])));
}

/** Null for other events, and for what needs no line. */
export function guestLine(event: Event, name: string, wishes: ReadonlyMap<number, GuestWish>): string | null {
	switch (event.type) {
		case "guest_switched_off":
			return g(`off_${event.device}`, { name });
		case "guest_asked":
			return g(`asked_${event.wish}`, { name });
		case "located":
			return g("done_location", { name });
		case "guest_answered": {
			const { asked, answer } = event;
			if (answer === "allowed") return null;
			const wish = wishes.get(asked);
			if (answer !== "done") return g(answer, { name });
			return wish === undefined ? null : g(`done_${wish}`, { name });
		}
		default:
			return null;
	}
}
