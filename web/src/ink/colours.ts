// How each seat's ink looks: its colour, and the badge that names it without colour.

import { bySeat, type Seats } from "../wire/seats";

interface InkStyle {
	colour: string;
	badge: "square" | "round";
	/** In the badge when the name has no letter. */
	letter: string;
}

const STYLES: Seats<InkStyle> = {
	agent: { colour: "#00DCE9", badge: "square", letter: "A" },
	customer: { colour: "#FFC52E", badge: "round", letter: "C" },
};

export const COLOURS: Seats<string> = bySeat((seat) => STYLES[seat].colour);
export const BADGES: Seats<"square" | "round"> = bySeat((seat) => STYLES[seat].badge);

/** Around all ink, so that it shows on any background; also the colour of badge letters. */
export const OUTLINE = "#14181D";

/** The letters in the badges. */
export type Initials = Seats<string>;

/** The first letter or digit of each name; without one, the letter of the seat. */
export function initialsOf(names: Seats<string | null>): Initials {
	return bySeat((seat) => initial(names[seat]) ?? STYLES[seat].letter);
}

function initial(name: string | null): string | null {
	const first = name
		?.normalize("NFC")
		.match(/[\p{L}\p{N}]/u)?.[0]
		.toLocaleUpperCase("en");
	// The capital of some letters, such as ß, is two letters.
	return first === undefined ? null : ([...first][0] ?? null);
}
