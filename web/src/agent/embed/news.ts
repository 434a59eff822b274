// What the page around this one hears of calls. Pure.

import type { CallNews } from "../../../embed";

export type News = CallNews["type"];

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
