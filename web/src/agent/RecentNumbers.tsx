import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Call } from "../wire/generated";
import * as api from "./calls-api";
import { signedOut } from "./console";
import { masked } from "./countries";
import { w } from "./words";

/** The latest numbers, masked. A click fills the field. */
export function RecentNumbers({ onPick }: { onPick: (number: string) => void }) {
	/** Each with whether its person asked for no more text messages, as the newest call says. */
	const numbers = useSignal<ReadonlyMap<string, boolean>>(new Map());
	useEffect(() => {
		void api.calls("/api/sessions?days=7").then((answer) => {
			if (!answer.ok) signedOut(answer.error);
			else numbers.value = recent(answer.value.calls);
		});
	}, []);
	if (numbers.value.size === 0) return null;
	return (
		<div class="recent" role="group" aria-label={w("recent")}>
			<span class="hint" aria-hidden="true">
				{w("recent")}
			</span>
			{[...numbers.value].map(([number, optedOut]) => (
				<span key={number} class="recent-number">
					<button
						type="button"
						class="chip"
						aria-label={w("recent_use", { number: masked(number) })}
						aria-description={optedOut ? w("call_opted_out") : undefined}
						onClick={() => onPick(number)}
					>
						<span dir="ltr">{masked(number)}</span>
					</button>
					{optedOut && (
						<small class="hint" aria-hidden="true">
							{w("call_opted_out")}
						</small>
					)}
				</span>
			))}
		</div>
	);
}

/** The calls are newest first. */
function recent(calls: readonly Call[]): ReadonlyMap<string, boolean> {
	const found = new Map<string, boolean>();
	for (const { number, opted_out } of calls) {
		if (number !== "" && !found.has(number) && found.size < NUMBERS_MAX) found.set(number, opted_out === true);
	}
	return found;
}

const NUMBERS_MAX = 4;
