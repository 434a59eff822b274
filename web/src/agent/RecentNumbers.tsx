import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as api from "./calls-api";
import { signedOut } from "./console";
import { masked } from "./countries";
import { w } from "./words";

/** The latest numbers, masked. A click fills the field. */
export function RecentNumbers({ onPick }: { onPick: (number: string) => void }) {
	const numbers = useSignal<readonly string[]>([]);
	useEffect(() => {
		void api.calls().then((answer) => {
			if (!answer.ok) signedOut(answer.error);
			else
				numbers.value = [
					...new Set(answer.value.calls.map((call) => call.number).filter((number) => number !== "")),
				].slice(0, 4);
		});
	}, []);
	if (numbers.value.length === 0) return null;
	return (
		<div class="recent" role="group" aria-label={w("recent")}>
			<span class="hint" aria-hidden="true">
				{w("recent")}
			</span>
			{numbers.value.map((number) => (
				<button
					key={number}
					type="button"
					class="chip"
					aria-label={w("recent_use", { number: masked(number) })}
					onClick={() => onPick(number)}
				>
					<span dir="ltr">{masked(number)}</span>
				</button>
			))}
		</div>
	);
}
