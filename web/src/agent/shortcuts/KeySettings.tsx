import { Button } from "../../ui/buttons";
import { useId } from "preact/hooks";
import { w } from "../words";
import { single, wishSingle } from "./wish";

/** Switches single keys off, and leads to the list of all keys. */
export function KeySettings({ onList }: { onList: () => void }) {
	const more = useId();
	return (
		<fieldset class="plain-set">
			<legend>{w("keys")}</legend>
			<label class="check">
				<input
					type="checkbox"
					checked={single.value}
					aria-describedby={more}
					onChange={(event) => {
						wishSingle(event.currentTarget.checked);
					}}
				/>
				<span>{w("keys_single")}</span>
			</label>
			<p class="hint" id={more}>
				{w("keys_single_more")}
			</p>
			<Button onClick={onList}>{w("keys_show")}</Button>
		</fieldset>
	);
}
