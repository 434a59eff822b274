// Whose ink it is: by colour, and without colour by letter and shape of a badge.

import { bySeat, type Seats } from "../wire/seats";

interface Look {
	colour: string;
	badge: "square" | "round";
	/** Stands in the badge while the seat has no name. */
	letter: string;
}

const LOOKS: Seats<Look> = {
	agent: { colour: "#00DCE9", badge: "square", letter: "A" },
	customer: { colour: "#FFC52E", badge: "round", letter: "C" },
};

export const COLOURS: Seats<string> = bySeat((seat) => LOOKS[seat].colour);
export const BADGES: Seats<"square" | "round"> = bySeat((seat) => LOOKS[seat].badge);

/** Around all ink, so that it shows on any background; also the colour of the badges' letters. */
export const OUTLINE = "#14181D";

/** What stands in the badges. */
export type Initials = Seats<string>;

/** One letter or digit of each name; a name without any gives that of its seat. */
export function initialsOf(names: Seats<string | null>): Initials {
	return bySeat((seat) => initial(names[seat]) ?? LOOKS[seat].letter);
}

function initial(name: string | null): string | null {
	const first = name
		?.normalize("NFC")
		.match(/[\p{L}\p{N}]/u)?.[0]
		.toLocaleUpperCase("en");
	// Some letters have two as their capital.
	return first === undefined ? null : ([...first][0] ?? null);
}
