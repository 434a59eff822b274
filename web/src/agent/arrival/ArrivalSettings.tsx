import { useSignal } from "@preact/signals";
import { Button } from "../../ui/buttons";
import { w } from "../words";
import { chime, notify } from "./signs";
import { canNotify, notice, sound, wishNotice, wishSound } from "./wishes";

/** How the agent hears of a customer who comes, with a way to try it. */
export function ArrivalSettings() {
	const refused = useSignal(false);
	const wish = async (on: boolean): Promise<void> => {
		refused.value = !(await wishNotice(on));
	};
	const test = (): void => {
		if (sound.peek()) chime();
		if (notice.peek()) notify(w("arrived_test"));
	};
	return (
		<fieldset class="plain-set">
			<legend>{w("arrival")}</legend>
			<label class="check">
				<input
					type="checkbox"
					checked={sound.value}
					onChange={(event) => {
						wishSound(event.currentTarget.checked);
					}}
				/>
				<span>{w("arrival_sound")}</span>
			</label>
			{canNotify && (
				<label class="check">
					<input
						type="checkbox"
						checked={notice.value}
						onChange={(event) => {
							const box = event.currentTarget;
							void wish(box.checked).then(() => {
								box.checked = notice.peek();
							});
						}}
					/>
					<span>{w("arrival_notice")}</span>
				</label>
			)}
			{refused.value && <p role="alert">{w("arrival_refused")}</p>}
			{(sound.value || notice.value) && <Button onClick={test}>{w("arrival_test")}</Button>}
		</fieldset>
	);
}
