import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { w } from "./words";

/** Says that the customer moved to another device, whose camera and screen may differ. */
export function CustomerMoved({ call }: { call: Call }) {
	const { moves, name } = call.view.value.seats.customer;
	const ready = call.ready.value;
	const newest = useSignal(0);
	const before = useRef({ moves, ready });
	useEffect(() => {
		const was = before.current;
		before.current = { moves, ready };
		// Moves from before this page opened are not news.
		if (!was.ready || moves <= was.moves) return;
		newest.value = moves;
		const timer = setTimeout(() => {
			newest.value = 0;
		}, SHOWN_MS);
		return () => clearTimeout(timer);
	}, [moves, ready]);
	const shown = newest.value > 0;
	// Screen readers announce a status only if it exists before its text.
	return (
		<div class={shown ? "banner moved" : "moved"}>
			<p role="status">{shown && w("customer_moved", { name: name ?? w("customer") })}</p>
			{shown && (
				<Button kind="plain" onClick={() => (newest.value = 0)}>
					{t("dismiss")}
				</Button>
			)}
		</div>
	);
}

const SHOWN_MS = 15_000;
