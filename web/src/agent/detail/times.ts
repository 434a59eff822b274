// Dates and times as the agent's browser writes them.

const dates = new Intl.DateTimeFormat([], { dateStyle: "medium" });
const times = new Intl.DateTimeFormat([], { timeStyle: "medium" });
const both = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });

export const date = (at_ms: number): string => dates.format(at_ms);
export const clockTime = (at_ms: number): string => times.format(at_ms);
export const dateTime = (at_ms: number): string => both.format(at_ms);

/** `datetime` of a `<time>`. */
export const iso = (at_ms: number): string => new Date(at_ms).toISOString();
