import "./calls.css";
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { counted } from "../../i18n/plural";
import { Button } from "../../ui/buttons";
import type { SessionId } from "../../wire/generated";
import * as api from "../calls-api";
import { hash, me, replace, signedOut } from "../console";
import { NotLoaded } from "../NotLoaded";
import { w } from "../words";
import { Filters } from "./Filters";
import { createCallList } from "./list";
import { fromHash, isFiltered, NOTHING, type Query, SEARCH_CHARS_MAX, toHash } from "./query";
import { Row } from "./Row";

/** Kept while another screen is shown, so that going back finds the list as it was. */
const list = createCallList(api.calls);
let scrolled = 0;
/** The call that was opened last: coming back, the focus returns to it. */
let opened: SessionId | null = null;

/** The agent's calls, all of them for admins: searched, filtered, newest first. */
export function Calls() {
	const query = fromHash(hash.value);
	const person = me.value?.name ?? "";
	const asked = toHash(query);
	useEffect(() => void list.show(person, fromHash(`#${asked}`)), [person, asked]);
	useLayoutEffect(() => {
		scrollTo({ top: scrolled });
		document.querySelector<HTMLElement>(`.call-link[href="#call=${opened}"]`)?.focus({ preventScroll: true });
		opened = null;
		const keep = (): void => {
			scrolled = scrollY;
		};
		addEventListener("scroll", keep, { passive: true });
		return () => removeEventListener("scroll", keep);
	}, []);
	const change = (changed: Partial<Query>): void => {
		// Of the address, which is ahead of this page when one change follows another at once.
		location.hash = toHash({ ...fromHash(location.hash), ...changed });
	};
	return (
		<div class="page wide">
			<h1>{w("calls")}</h1>
			<Search query={query} />
			<Filters query={query} agents={list.agents.value} isAdmin={me.value?.role === "admin"} onChange={change} />
			<List query={query} onClear={() => change(NOTHING)} />
		</div>
	);
}

/** The field; each pause in typing searches, and leaves no trace in the browser's history. */
function Search({ query }: { query: Query }) {
	const typed = useSignal(query.search);
	const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
	useEffect(() => {
		// The next word may follow a space that the search left out.
		if (waiting.current === null && typed.peek().trim() !== query.search) typed.value = query.search;
	}, [query.search]);
	useEffect(() => () => clearTimeout(waiting.current ?? undefined), []);
	const search = (): void => {
		clearTimeout(waiting.current ?? undefined);
		waiting.current = null;
		replace(toHash({ ...fromHash(location.hash), search: typed.peek().trim() }));
	};
	return (
		<form
			class="field"
			onSubmit={(event) => {
				event.preventDefault();
				search();
			}}
		>
			<input
				type="search"
				aria-label={w("calls_search")}
				placeholder={w("calls_search_hint")}
				maxLength={SEARCH_CHARS_MAX}
				autocomplete="off"
				spellcheck={false}
				dir="auto"
				value={typed.value}
				onInput={(event) => {
					typed.value = event.currentTarget.value;
					clearTimeout(waiting.current ?? undefined);
					waiting.current = setTimeout(search, PAUSE_MS);
				}}
			/>
		</form>
	);
}

function List({ query, onClear }: { query: Query; onClear: () => void }) {
	const calls = list.calls.value;
	const failed = list.failed.value;
	const loading = list.loading.value;
	if (failed !== null && signedOut(failed)) return null;
	const isNarrowed = query.search !== "" || isFiltered(query);
	const isEmpty = calls.length === 0 && loading === null && failed === null && !list.goesOn.value;
	return (
		<>
			<p role="status" class="visually-hidden">
				{loading === "first" ? t("loading") : counted(w("calls_count"), calls.length)}
			</p>
			{isEmpty && (
				<div class="card stack">
					<p>{w(isNarrowed ? "calls_none_found" : "calls_none")}</p>
					{isNarrowed && <Button onClick={onClear}>{w("calls_clear")}</Button>}
				</div>
			)}
			<ul class="calls" aria-busy={loading !== null}>
				{calls.map((call) => (
					<Row
						key={call.session}
						call={call}
						withAgent={query.agent !== ""}
						onOpen={() => {
							opened = call.session;
						}}
					/>
				))}
				{loading !== null && <Skeleton lines={loading === "first" ? 6 : 2} />}
			</ul>
			{failed !== null && <NotLoaded error={failed} onAgain={() => void list.again()} />}
			{list.goesOn.value && failed === null && <More count={calls.length} />}
		</>
	);
}

function Skeleton({ lines }: { lines: number }) {
	return (
		<>
			{Array.from({ length: lines }, (_, line) => (
				<li key={line} class="card skeleton" aria-hidden="true">
					<span />
					<span />
				</li>
			))}
		</>
	);
}

/** Reads on when it comes near; by hand where calls that match are rare. */
function More({ count }: { count: number }) {
	const end = useRef<HTMLDivElement>(null);
	const sparse = list.sparse.value;
	useEffect(() => {
		if (sparse || end.current === null) return;
		const near = new IntersectionObserver(
			(seen) => {
				if (seen.some((entry) => entry.isIntersecting)) void list.more();
			},
			{ rootMargin: NEAR },
		);
		near.observe(end.current);
		return () => near.disconnect();
		// Each answer moves the end, and an end that stayed in view would not be told again.
	}, [sparse, count]);
	return (
		<div class="more" ref={end}>
			{sparse && <p class="hint">{w("calls_rare")}</p>}
			<Button busy={list.loading.value === "more"} onClick={() => void list.more()}>
				{w("calls_older")}
			</Button>
		</div>
	);
}

const PAUSE_MS = 250;
const NEAR = "400px";
