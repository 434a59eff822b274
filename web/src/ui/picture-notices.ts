// Short notices about what the other person does with pictures. A picture is never taken silently
// on the customer's page.

import "../i18n/en-call";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { linesAfter, newestOf } from "../session/newest-lines";
import type { PictureView, View } from "../session/view";
import { opposite } from "../wire/seats";
import { note } from "./toasts";

type PictureAction = "delete" | "close" | "open";

/**
 * Actions of this page, which show no notice here. Picture ids are unique within a session only.
 */
const own = new Set<string>();

export function markOwn(call: Call, action: PictureAction, picture: number): void {
	own.add(key(call, action, picture));
}

/**
 * Forgets an action that was refused, or whose event arrived. Returns whether it was this page's.
 */
export function forgetOwn(call: Call, action: PictureAction, picture: number): boolean {
	return own.delete(key(call, action, picture));
}

const key = (call: Call, action: PictureAction, picture: number): string => `${call.session} ${action} ${picture}`;

/** `reading`: the chat is open and shows sent pictures itself. */
export function usePictureNotices(call: Call, name: string, reading: boolean): void {
	const before = useRef<View | null>(null);
	/** Whether this page has said that pictures can be drawn on: once in a call. */
	const hinted = useRef(false);
	useEffect(() => {
		before.current = null;
		hinted.current = false;
	}, [call]);
	const view = call.view.value;
	const ready = call.ready.value;
	useEffect(() => {
		const was = before.current;
		// Events from before this page opened show no notice.
		before.current = ready ? view : was;
		if (was === null || !ready) {
			hinted.current = view.pictures.length > 0;
			return;
		}
		for (const notice of noticesOf(call, was, view)) {
			if (notice === "picture_sent_by" && reading) continue;
			const first = notice === "picture_taken_by" && call.seat === "customer" && !hinted.current;
			note(t(first ? "picture_taken_draw" : notice, { name }));
			hinted.current ||= first;
		}
		// A customer who took the first picture themselves gets the hint, too.
		if (call.seat !== "customer" || hinted.current || taken(was, view).length === 0) return;
		hinted.current = true;
		note(t("draw_hint"));
	}, [call, ready, view]);
}

type Notice =
	| "picture_chosen_by"
	| "picture_taken_by"
	| "picture_deleted_by"
	| "picture_sent_by"
	| "picture_opened_by"
	| "back_to_live_by";

function noticesOf(call: Call, was: View, is: View): Notice[] {
	const other = opposite(call.seat);
	const notices: Notice[] = [];
	const knew = new Set(was.pictures.map(({ id }) => id));
	const knows = new Set(is.pictures.map(({ id }) => id));
	const theirs = taken(was, is).find(({ asked_by }) => asked_by === other);
	if (theirs) notices.push(theirs.source === "camera" ? "picture_taken_by" : "picture_chosen_by");
	for (const { id } of was.pictures) {
		if (!knows.has(id) && !forgetOwn(call, "delete", id)) notices.push("picture_deleted_by");
	}
	if (was.board !== is.board) {
		const { board } = was;
		if (board !== null && knows.has(board) && !forgetOwn(call, "close", board) && is.board === null)
			notices.push("back_to_live_by");
		if (is.board !== null && knew.has(is.board) && !forgetOwn(call, "open", is.board))
			notices.push("picture_opened_by");
	}
	const sent = linesAfter(is.lines, newestOf(was.lines));
	if (sent.some(({ seat, picture }) => picture && seat === other)) notices.push("picture_sent_by");
	return notices;
}

const taken = (was: View, is: View): readonly PictureView[] =>
	is.pictures.filter(({ id }) => !was.pictures.some((known) => known.id === id));
