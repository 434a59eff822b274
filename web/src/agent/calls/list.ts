// The list of calls as far as it was read. Answers that come late never replace newer ones.

import { type Signal, signal } from "@preact/signals";
import type { ApiResult } from "../../link/server/api";
import type { ApiFailure } from "../../ui/refusals";
import type { Call, Calls } from "../../wire/generated";
import { isSame, type Query, toPath } from "./query";

export interface CallList {
	readonly calls: Signal<readonly Call[]>;
	/** `first` while nothing of the query is there, `more` while older calls come. */
	readonly loading: Signal<"first" | "more" | null>;
	readonly failed: Signal<ApiFailure | null>;
	/** There may be older calls. */
	readonly goesOn: Signal<boolean>;
	/** The newest answer had no call: those behind it are rare, and only asked for by hand. */
	readonly sparse: Signal<boolean>;
	/** The names of agents whose calls were seen, by their ids. */
	readonly agents: Signal<ReadonlyMap<string, string>>;
	/** Shows a query of a person: what is known of it at once, and what is new in it. */
	show(person: string, query: Query): Promise<void>;
	more(): Promise<void>;
	/** The same query again, after a failure. */
	again(): Promise<void>;
}

export function createCallList(ask: (path: string) => Promise<ApiResult<Calls>>): CallList {
	const calls = signal<readonly Call[]>([]);
	const loading = signal<"first" | "more" | null>(null);
	const failed = signal<ApiFailure | null>(null);
	const goesOn = signal(false);
	const sparse = signal(false);
	const agents = signal<ReadonlyMap<string, string>>(new Map());
	let shown: { person: string; query: Query } | null = null;
	let after: string | null = null;
	/** Counts requests: only the answer to the newest one is shown. */
	let turn = 0;

	const request = async (query: Query, from: string | null, kind: "first" | "more" | "news"): Promise<void> => {
		const mine = ++turn;
		failed.value = null;
		loading.value = kind === "news" ? null : kind;
		const answer = await ask(toPath(query, from));
		if (mine !== turn) return;
		loading.value = null;
		if (!answer.ok) {
			// What is shown stays. It is a little old, and the list says nothing of that.
			if (kind !== "news") failed.value = answer.error;
			return;
		}
		const read = answer.value;
		const goesOnAsBefore = kind === "news" && read.after !== undefined;
		if (kind === "more") calls.value = [...calls.peek(), ...read.calls];
		else calls.value = goesOnAsBefore ? renewed(calls.peek(), read.calls) : read.calls;
		if (!goesOnAsBefore) after = read.after ?? null;
		goesOn.value = after !== null;
		sparse.value = read.calls.length === 0 && after !== null;
		agents.value = withAgents(agents.peek(), read.calls);
	};

	return {
		calls,
		loading,
		failed,
		goesOn,
		sparse,
		agents,
		show(person, query) {
			const isKnown = shown?.person === person && isSame(shown.query, query) && failed.peek() === null;
			if (shown?.person !== person) agents.value = new Map();
			shown = { person, query };
			if (isKnown && loading.peek() !== "first") return request(query, null, "news");
			calls.value = [];
			goesOn.value = false;
			after = null;
			return request(query, null, "first");
		},
		async more() {
			if (shown === null || after === null || loading.peek() !== null) return;
			await request(shown.query, after, "more");
		},
		async again() {
			if (shown === null) return;
			await request(shown.query, after, after === null ? "first" : "more");
		},
	};
}

/** The newest calls as they are, and the older ones as they were read. */
function renewed(before: readonly Call[], newest: readonly Call[]): readonly Call[] {
	const known = new Set(newest.map((call) => call.session));
	const oldest = newest.at(-1)?.at_ms ?? Number.POSITIVE_INFINITY;
	return [...newest, ...before.filter((call) => !known.has(call.session) && call.at_ms <= oldest)];
}

function withAgents(known: ReadonlyMap<string, string>, calls: readonly Call[]): ReadonlyMap<string, string> {
	const more = calls.filter((call) => call.agent !== undefined && known.get(call.agent) !== call.agent_name);
	if (more.length === 0) return known;
	return new Map([...known, ...more.map((call): [string, string] => [call.agent ?? "", call.agent_name ?? ""])]);
}
