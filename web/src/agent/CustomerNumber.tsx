import { useSignal } from "@preact/signals";
import { masked } from "./countries";
import { EyeIcon } from "./icons";
import { w } from "./words";

/** The customer's number, masked until the agent asks for it. */
export function CustomerNumber({ number }: { number: string }) {
	const shown = useSignal(false);
	if (number === "") return null;
	const name = w("show_number");
	return (
		<div class="number-fact">
			<dt>{w("number")}</dt>
			<dd>
				<span dir="ltr">{shown.value ? number : masked(number)}</span>
				<button
					type="button"
					class="bare"
					aria-label={name}
					title={name}
					aria-pressed={shown.value}
					onClick={() => (shown.value = !shown.value)}
				>
					<EyeIcon />
				</button>
			</dd>
		</div>
	);
}
