// What the page around this one hears of calls.

import { effect, untracked } from "@preact/signals";
import type { CallNews } from "../../../embed";
import type { Call } from "../../link/call";
import type { SessionId } from "../../wire/generated";
import { begun, call } from "../console";

type News = CallNews["type"];

/** How far a call was when it was looked at. */
export interface Seen {
	live: boolean;
	/** That are kept. */
	pictures: number;
	ended: boolean;
}

/** What is new. Of a call that was over at the first look there is nothing to say. */
export function newsOf(before: Seen | null, now: Seen): News[] {
	if (before?.ended || (before === null && now.ended)) return [];
	const pictures = before === null ? 0 : now.pictures - before.pictures;
	return [
		...(now.live && !before?.live ? (["joined"] as const) : []),
		...Array.from({ length: Math.max(0, pictures) }, () => "picture" as const),
		...(now.ended ? (["ended"] as const) : []),
	];
}

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
