// The customer's name in the sentences of the agent's page.

import { language } from "../i18n";
import { isolated } from "../i18n/plain";

/**
 * Sets the name apart: "Agent has ended the call" could otherwise be the beginning of a sentence of
 * ours. No quotation mark within the name ends it.
 */
export function apart(value: string, rtl: boolean, of: string): string {
	if (!CUSTOMER.has(of)) return isolated(value, rtl);
	const [begin, end] = QUOTES[language.peek()] ?? ["“", "”"];
	return `${begin}${isolated(value.replace(MARKS, "'"), rtl)}${end}`;
}

/** Where they differ from the English ones (CLDR, `delimiters`). */
const QUOTES: Readonly<Record<string, readonly [string, string]>> = {
	de: ["„", "“"],
	es: ["«", "»"],
	fr: ["«\u00a0", "\u00a0»"],
	it: ["«", "»"],
	he: ["”", "”"],
};

/** The values in texts that are the customer's name. */
const CUSTOMER: ReadonlySet<string> = new Set(["name", "customer"]);

/** Quotation_Mark of Unicode 16. */
const MARKS = /["«»\u2018-\u201F‹›⹂「」『』〝〞〟﹁-﹄＂＇｢｣]/gu;
