// What the agent sees about a number: how the server reads it, or why it cannot.

import type { NumberFault, NumberRead, NumberReading } from "../wire/generated";
import { countryName } from "./countries";
import { w } from "./words";

/** The number with its country and kind. */
export function readWords(read: NumberRead): string {
	const values = { number: read.formatted, kind: w(`kind_${read.kind}`) };
	if (read.region === undefined) return w("number_read_nowhere", values);
	return w("number_read", { ...values, country: countryName(read.region) });
}

/** What speaks against sending a message to the number; empty when nothing does. */
export function doubtWords(reading: NumberReading): string {
	if (reading.texting === "usual") return "";
	if (reading.texting !== "two_readings") return w(`texting_${reading.texting}`);
	return w("texting_two_readings", { number: reading.other?.formatted ?? "" });
}

/** Why the typed text is no number in the chosen country. */
export function faultWords(why: NumberFault | undefined, region: string): string {
	const country = countryName(region);
	if (why === undefined) return w("number_bad", { country });
	return w(`number_${why}`, { country });
}
