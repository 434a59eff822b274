// What the other person does with the pictures, told in passing: on the customer's page a picture is never taken in silence.

import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import type { View } from "../session/view";
import { otherSeat } from "./state";
import { note } from "./toasts";

type What = "delete" | "close" | "open";

/** What this page asked for: its own doings are not told to it. */
const own = new Set<string>();

export function mine(what: What, picture: number): void {
	own.add(`${what} ${picture}`);
}

/** It was refused. */
export function notMine(what: What, picture: number): void {
	own.delete(`${what} ${picture}`);
}

/** `reading`: the chat is open, and shows what comes into it. */
export function usePictureNotices(call: Call, name: string, reading: boolean): void {
	const before = useRef<View | null>(null);
	const view = call.view.value;
	const ready = call.ready.value;
	useEffect(() => {
		const was = before.current;
		// Not what happened before this page was there.
		before.current = ready ? view : was;
		if (was === null || !ready) return;
		for (const words of told(call, was, view)) {
			if (words !== "picture_sent_by" || !reading) note(t(words, { name }));
		}
	}, [ready, view]);
}

type Told = "picture_taken_by" | "picture_deleted_by" | "picture_sent_by" | "picture_opened_by" | "back_to_live_by";

function told(call: Call, was: View, is: View): Told[] {
	const other = otherSeat(call.seat);
	const words: Told[] = [];
	const knew = new Set(was.pictures.map(({ id }) => id));
	const knows = new Set(is.pictures.map(({ id }) => id));
	const taken = is.pictures.filter(({ id }) => !knew.has(id));
	if (taken.some(({ asked_by }) => asked_by === other)) words.push("picture_taken_by");
	for (const { id } of was.pictures) {
		if (!knows.has(id) && !own.delete(`delete ${id}`)) words.push("picture_deleted_by");
	}
	if (was.board !== is.board) {
		const { board } = was;
		if (board !== null && knows.has(board) && !own.delete(`close ${board}`) && is.board === null) words.push("back_to_live_by");
		if (is.board !== null && knew.has(is.board) && !own.delete(`open ${is.board}`)) words.push("picture_opened_by");
	}
	const heard = Math.max(0, ...was.lines.map(({ seq }) => seq ?? 0));
	if (is.lines.some(({ seq, seat, picture }) => picture && seat === other && (seq ?? 0) > heard)) words.push("picture_sent_by");
	return words;
}
