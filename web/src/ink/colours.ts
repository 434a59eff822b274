// Whose ink it is: by colour, and without colour by letter and shape of a badge.

import type { Seat } from "../wire/generated";

export const COLOURS: Readonly<Record<Seat, string>> = { agent: "#00DCE9", customer: "#FFC52E" };

/** Around all ink, so that it shows on any background; also what is written on the colours. */
export const OUTLINE = "#14181D";

/** What stands in the badges. */
export interface Initials {
	agent: string;
	customer: string;
}

/** One letter or digit of each name; a name without any gives that of its seat. */
export function initialsOf(agentName: string | null, customerName: string | null): Initials {
	return { agent: initial(agentName) ?? "A", customer: initial(customerName) ?? "C" };
}

function initial(name: string | null): string | null {
	const first = name
		?.normalize("NFC")
		.match(/[\p{L}\p{N}]/u)?.[0]
		.toLocaleUpperCase("en");
	// Some letters have two as their capital.
	return first === undefined ? null : ([...first][0] ?? null);
}
