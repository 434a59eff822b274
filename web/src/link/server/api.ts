// The HTTP API, typed. Every call answers within 8 s and never throws.

import type { ApiError, ApiRefusal, HeldUp, LinkSecret, Log, Look, Me, PageId, SessionId } from "../../wire/generated";
import { PAGE_HEADER } from "../../wire/generated";
import { doorHeaders } from "./door";

/**
 * The result of a request. `network`: no answer, or not our server's (offline, a captive portal, a
 * proxy's error page).
 */
export type ApiResult<T> = { ok: true; value: T } | { ok: false; error: ApiError | { error: "network" } };

/** Reads what a link or a code leads to. Changes nothing: preview bots open links. */
export const look = (by: LinkSecret): Promise<ApiResult<Look>> => ask("POST", "/api/look", by, {}, early());

/** Trades the link's secret or code for the seat's cookie. Only ever called from a tap. */
export const enter = (by: LinkSecret): Promise<ApiResult<Look>> => ask("POST", "/api/enter", by);

/** The same for a page that holds the cookie already (`/j#s=<SessionId>`). */
export const seat = (session: SessionId): Promise<ApiResult<Look>> =>
	ask("GET", `${sessionPath(session)}/seat`, undefined, {}, early());

/** Reports what keeps the customer's page from connecting. */
export const heldUp = (session: SessionId, what: HeldUp): Promise<ApiResult<void>> =>
	ask("POST", `${sessionPath(session)}/held-up`, what);

export const me = (): Promise<ApiResult<Me>> => ask("GET", "/api/me");

/** The log after event `after`, for a page that is far behind. */
export const log = (session: SessionId, page: PageId, after: number): Promise<ApiResult<Log>> =>
	ask("GET", `${sessionPath(session)}/log?after=${after}`, undefined, { [PAGE_HEADER]: page });

export function sessionPath(session: SessionId): string {
	return `/api/sessions/${encodeURIComponent(session)}`;
}

/** The answer that the page asked for before this script came; once. */
function early(): Promise<Response | null> | undefined {
	const asked = globalThis.sightlineAsked;
	globalThis.sightlineAsked = undefined;
	return asked;
}

/**
 * Makes any request of the API. Repeats it where the server is too busy to look at it. `asked` is
 * the first request, if it is under way already.
 */
export async function ask<T>(
	method: "GET" | "POST" | "PUT" | "DELETE",
	path: string,
	body?: unknown,
	headers: Readonly<Record<string, string>> = {},
	asked?: Promise<Response | null>,
): Promise<ApiResult<T>> {
	const signal = AbortSignal.timeout(TIMEOUT_MS);
	try {
		const request = (): Promise<Response> =>
			fetch(path, {
				method,
				credentials: "same-origin",
				cache: "no-store",
				// Our API never redirects.
				redirect: "error",
				signal,
				headers: { ...doorHeaders, ...headers, ...(body === undefined ? {} : JSON_BODY) },
				...(body === undefined ? {} : { body: JSON.stringify(body) }),
			});
		let first = await asked;
		for (let most_ms = BUSY_MS; ; most_ms *= 2) {
			const answer = first ?? (await request());
			first = null;
			const text = await answer.text();
			if (answer.ok) return { ok: true, value: (text === "" ? undefined : JSON.parse(text)) as T };
			const refusal = refusalIn(text);
			if (refusal !== null) return { ok: false, error: refusal };
			const told = answer.headers.get("retry-after");
			// 429 comes from the throttle, before anything was done; 503 perhaps after it.
			const again = answer.status === 429 || (answer.status === 503 && (method === "GET" || told !== null));
			if (!again || most_ms > BUSY_MAX_MS) break;
			const wait = (Number(told) || 0) * 1_000 + Math.random() * most_ms;
			await new Promise((resolve) => setTimeout(resolve, Math.min(wait, TIMEOUT_MS)));
		}
	} catch {
		// No answer in time, or not our server's.
	}
	return { ok: false, error: NETWORK };
}

/** What a body says of a refusal. */
export function refusalIn(text: string): ApiError | null {
	try {
		const value: unknown = JSON.parse(text);
		return isRefusal(value) ? value : null;
	} catch {
		return null;
	}
}

function isRefusal(value: unknown): value is ApiRefusal {
	return typeof value === "object" && value !== null && "error" in value && typeof value.error === "string";
}

const JSON_BODY = { "content-type": "application/json" };
const NETWORK = { error: "network" } as const;
const TIMEOUT_MS = 8_000;
/** Full jitter under this, then under twice as much each time, so that pages come back apart. */
const BUSY_MS = 500;
const BUSY_MAX_MS = 2_000;
