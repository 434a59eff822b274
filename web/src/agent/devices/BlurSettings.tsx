import { t } from "../../i18n";
import { toast } from "../../ui/toasts";
import { w } from "../words";
import { blurred, wishBlur } from "./blur";

/** Shown while a camera runs that offers it. */
export function BlurSettings() {
	if (blurred.value === null) return null;
	const wish = async (box: HTMLInputElement): Promise<void> => {
		if (!(await wishBlur(box.checked))) toast(t("device_failed"));
		box.checked = blurred.peek() === true;
	};
	return (
		<label class="check">
			<input type="checkbox" checked={blurred.value} onChange={(event) => void wish(event.currentTarget)} />
			<span>{w("blur")}</span>
		</label>
	);
}
