// The seats of a session as a set: what is kept or painted for each seat is made from one list.

import type { Seat } from "./generated";

/** One value for each seat. */
export type Seats<T> = Readonly<Record<Seat, T>>;

/** The person whom a page shows large, and whose name stands in its sentences. */
const OPPOSITE: Seats<Seat> = { agent: "customer", customer: "agent" };

/** Every seat: the compiler refuses `OPPOSITE` while one is missing. */
export const SEATS = Object.keys(OPPOSITE) as readonly Seat[];

export function bySeat<T>(make: (seat: Seat) => T): Seats<T> {
	return Object.fromEntries(SEATS.map((seat) => [seat, make(seat)])) as Record<Seat, T>;
}

/** Every seat but this one. */
export function others(seat: Seat): Seat[] {
	return SEATS.filter((one) => one !== seat);
}

export function opposite(seat: Seat): Seat {
	return OPPOSITE[seat];
}
