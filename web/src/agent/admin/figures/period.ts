// Periods of whole days of UTC, as the address of a request has them.

import { FIGURE_DAYS_MAX } from "../../../wire/generated";

export interface Period {
	from: string;
	to: string;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Whether it can be asked for: two days in order, and not too many. */
export function canAsk({ from, to }: Period): boolean {
	const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
	return days >= 0 && days < FIGURE_DAYS_MAX;
}

/** All its days, also those without a call. */
export function daysOf({ from, to }: Period): string[] {
	const days: string[] = [];
	for (let at_ms = Date.parse(from); at_ms <= Date.parse(to) && days.length < FIGURE_DAYS_MAX; at_ms += DAY_MS) {
		days.push(new Date(at_ms).toISOString().slice(0, 10));
	}
	return days;
}
