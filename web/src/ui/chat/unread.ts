import { type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Call } from "../../link/call";
import { newestOf } from "../../session/newest-lines";
import { Unread } from "../../session/unread";
import { tab } from "../remember";

export interface ChatState {
	open: Signal<boolean>;
	unread: number;
}

/** Whether the panel is open, and how many lines of others arrived while it was closed. */
export function useChat(call: Call): ChatState {
	const open = useSignal(false);
	const seen = useSignal(readSeen(call));
	const counter = useMemo(() => new Unread(call.seat), [call]);
	const newest = useComputed(() => newestOf(call.view.value.lines));
	const unread = useComputed(() => counter.count(call.view.value.lines, seen.value));
	useEffect(() => {
		if (!open.value || newest.value <= seen.peek()) return;
		seen.value = newest.value;
		tab.remember(key(call), String(newest.value));
	}, [open.value, newest.value]);
	return { open, unread: open.value ? 0 : unread.value };
}

// Remembered per tab, so that old lines are not unread again after a reload.
function readSeen(call: Call): number {
	return Number(tab.recall(key(call)) ?? 0);
}

const key = (call: Call): string => `seen.${call.session}`;
