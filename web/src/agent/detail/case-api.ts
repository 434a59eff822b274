// API requests about a call afterwards.

import { type ApiResult, ask, sessionPath } from "../../link/server/api";
import { apply, EMPTY, type Folded } from "../../session/fold";
import type { CallDetail, CallPictures, Erased, Event, Log, Notes, SessionId } from "../../wire/generated";

/** A call afterwards, without its pictures. */
export interface Case {
	detail: CallDetail;
	events: readonly Event[];
	view: Folded;
}

export async function loadCase(session: SessionId): Promise<ApiResult<Case>> {
	const detail = await ask<CallDetail>("GET", sessionPath(session));
	if (!detail.ok) return detail;
	const events: Event[] = [];
	let view = EMPTY;
	for (let more = true; more; ) {
		const log = await ask<Log>("GET", `${sessionPath(session)}/log?after=${view.head}`);
		if (!log.ok) return log;
		for (const event of log.value.events) {
			events.push(event);
			view = apply(view, event) ?? view;
		}
		more = log.value.more && log.value.events.length > 0;
	}
	return { ok: true, value: { detail: detail.value, events, view } };
}

/** The pictures of a call, with addresses that are valid for five minutes. */
export const pictures = (session: SessionId): Promise<ApiResult<CallPictures>> =>
	ask("GET", `${sessionPath(session)}/pictures`);

/** Writes a note; with `n` a further text of that one. */
export const writeNote = (session: SessionId, n: number | null, text: string): Promise<ApiResult<Notes>> =>
	n === null
		? ask("POST", `${sessionPath(session)}/notes`, { text })
		: ask("PUT", `${sessionPath(session)}/notes/${n}`, { text });

/** Erases a call for good; for admins. */
export const erase = (session: SessionId): Promise<ApiResult<Erased>> => ask("DELETE", sessionPath(session));
