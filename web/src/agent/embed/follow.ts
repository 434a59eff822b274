// Follows the calls of this page for the page around it.

import { effect, untracked } from "@preact/signals";
import type { Call } from "../../link/call";
import type { SessionId } from "../../wire/generated";
import { begun, call } from "../console";
import { type News, newsOf, type Seen } from "./news";

/** Tells what happens in the calls that this page opens. */
export function follow(tell: (news: News, session: SessionId) => void): void {
	const seen = new Map<SessionId, Seen>();
	effect(() => {
		if (begun.value !== null) tell("invited", begun.value);
	});
	effect(() => {
		const opened = call.value;
		if (opened === null || !opened.ready.value) return;
		const now = look(opened);
		untracked(() => {
			for (const news of newsOf(seen.get(opened.session) ?? null, now)) tell(news, opened.session);
		});
		seen.set(opened.session, now);
	});
}

function look({ view }: Call): Seen {
	const { live_since_ms, pictures, ended } = view.value;
	return {
		live: live_since_ms !== null,
		pictures: pictures.filter(({ base }) => base !== null).length,
		ended: ended !== null,
	};
}
