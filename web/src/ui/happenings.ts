// What the other person does with the pictures, told in passing: on the customer's page a picture
// is never taken in silence.

import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import type { PictureView, View } from "../session/view";
import { opposite } from "../wire/seats";
import { note } from "./toasts";

type What = "delete" | "close" | "open";

/**
 * What this page asked for: its own doings are not told to it. Pictures are numbered anew in every
 * session.
 */
const own = new Set<string>();

export function mine(call: Call, what: What, picture: number): void {
	own.add(key(call, what, picture));
}

/** It was refused, or has been told: true when it was this page's. */
export function notMine(call: Call, what: What, picture: number): boolean {
	return own.delete(key(call, what, picture));
}

const key = (call: Call, what: What, picture: number): string => `${call.session} ${what} ${picture}`;

/** `reading`: the chat is open, and shows what comes into it. */
export function usePictureNotices(call: Call, name: string, reading: boolean): void {
	const before = useRef<View | null>(null);
	/** That pictures can be drawn on: said once in a call. */
	const hinted = useRef(false);
	useEffect(() => {
		before.current = null;
		hinted.current = false;
	}, [call]);
	const view = call.view.value;
	const ready = call.ready.value;
	useEffect(() => {
		const was = before.current;
		// Not what happened before this page was there.
		before.current = ready ? view : was;
		if (was === null || !ready) {
			hinted.current = view.pictures.length > 0;
			return;
		}
		for (const words of told(call, was, view)) {
			if (words === "picture_sent_by" && reading) continue;
			const first = words === "picture_taken_by" && call.seat === "customer" && !hinted.current;
			note(t(first ? "picture_taken_draw" : words, { name }));
			hinted.current ||= first;
		}
		// The customer who took the first one themselves has not been told either that it can be
		// drawn on.
		if (call.seat !== "customer" || hinted.current || taken(was, view).length === 0) return;
		hinted.current = true;
		note(t("draw_hint"));
	}, [call, ready, view]);
}

type Told = "picture_taken_by" | "picture_deleted_by" | "picture_sent_by" | "picture_opened_by" | "back_to_live_by";

function told(call: Call, was: View, is: View): Told[] {
	const other = opposite(call.seat);
	const words: Told[] = [];
	const knew = new Set(was.pictures.map(({ id }) => id));
	const knows = new Set(is.pictures.map(({ id }) => id));
	if (taken(was, is).some(({ asked_by }) => asked_by === other)) words.push("picture_taken_by");
	for (const { id } of was.pictures) {
		if (!knows.has(id) && !notMine(call, "delete", id)) words.push("picture_deleted_by");
	}
	if (was.board !== is.board) {
		const { board } = was;
		if (board !== null && knows.has(board) && !notMine(call, "close", board) && is.board === null)
			words.push("back_to_live_by");
		if (is.board !== null && knew.has(is.board) && !notMine(call, "open", is.board)) words.push("picture_opened_by");
	}
	const heard = Math.max(0, ...was.lines.map(({ seq }) => seq ?? 0));
	if (is.lines.some(({ seq, seat, picture }) => picture && seat === other && (seq ?? 0) > heard))
		words.push("picture_sent_by");
	return words;
}

const taken = (was: View, is: View): readonly PictureView[] =>
	is.pictures.filter(({ id }) => !was.pictures.some((known) => known.id === id));
