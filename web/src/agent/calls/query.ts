// What the list of calls is asked for: as the address of the page has it, and as the server reads
// it.

export interface Query {
	/** What was typed, as typed. */
	search: string;
	/** An agent's id, `all` for every agent's, or empty for one's own calls. */
	agent: string;
	/** `YYYY-MM-DD`, on the agent's calendar. */
	day: string;
	reason: string;
	rating: string;
	pictures: string;
	goes: string;
}

export const NOTHING: Query = { search: "", agent: "", day: "", reason: "", rating: "", pictures: "", goes: "" };

/** Longest search that the server reads, characters. */
export const SEARCH_CHARS_MAX = 80;

const NAMES = Object.keys(NOTHING) as readonly (keyof Query)[];

/** Reads the fragment of the address. What is not known there is left out. */
export function fromHash(hash: string): Query {
	const params = new URLSearchParams(hash.split("?").slice(1).join("?"));
	const query = { ...NOTHING };
	for (const name of NAMES) query[name] = (params.get(name) ?? "").slice(0, 100);
	query.search = [...query.search].slice(0, SEARCH_CHARS_MAX).join("");
	return query;
}

/** The fragment for a query, without the hash sign. */
export function toHash(query: Query): `calls${string}` {
	const params = given(query);
	return params.size === 0 ? "calls" : `calls?${params}`;
}

/** The path of the request for a query, from behind the cursor of the answer before. */
export function toPath(query: Query, after: string | null): string {
	const { agent, ...rest } = query;
	const params = given({ ...rest, agent: "" });
	if (agent === "all") params.set("all", "1");
	else if (agent !== "") params.set("agent", agent);
	if (query.day !== "") params.set("zone", String(zone(query.day)));
	if (after !== null) params.set("after", after);
	return params.size === 0 ? "/api/sessions" : `/api/sessions?${params}`;
}

/** Whether a filter is set. The search does not count. */
export const isFiltered = (query: Query): boolean => NAMES.some((name) => name !== "search" && query[name] !== "");

export const isSame = (one: Query, other: Query): boolean => NAMES.every((name) => one[name] === other[name]);

function given(query: Query): URLSearchParams {
	const params = new URLSearchParams();
	for (const name of NAMES) if (query[name].trim() !== "") params.set(name, query[name].trim());
	return params;
}

/** How far this machine's clock is east of UTC at the beginning of a day, minutes. */
function zone(day: string): number {
	const minutes = -new Date(`${day}T00:00:00`).getTimezoneOffset();
	return Number.isFinite(minutes) ? minutes : 0;
}
