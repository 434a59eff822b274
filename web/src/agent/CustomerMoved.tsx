import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { w } from "./words";

/**
 * Tells that the customer goes on with another device: what they see and how they hold it is
 * different now.
 */
export function CustomerMoved({ call }: { call: Call }) {
	const { moves, name } = call.view.value.seats.customer;
	const ready = call.ready.value;
	const told = useSignal(0);
	const before = useRef({ moves, ready });
	useEffect(() => {
		const was = before.current;
		before.current = { moves, ready };
		// What the log tells of the time before this page was there is no news.
		if (!was.ready || moves <= was.moves) return;
		told.value = moves;
		const timer = setTimeout(() => {
			told.value = 0;
		}, SHOWN_MS);
		return () => clearTimeout(timer);
	}, [moves, ready]);
	const shown = told.value > 0;
	// The status is there before its words: only then they are read out.
	return (
		<div class={shown ? "banner moved" : "moved"}>
			<p role="status">{shown && w("customer_moved", { name: name ?? w("customer") })}</p>
			{shown && (
				<Button kind="plain" onClick={() => (told.value = 0)}>
					{t("dismiss")}
				</Button>
			)}
		</div>
	);
}

const SHOWN_MS = 15_000;
