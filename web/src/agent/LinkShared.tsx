import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { w } from "./words";

/** Says once that a second page has the customer's link: on another device, or somebody else's. */
export function LinkShared({ call }: { call: Call }) {
	const dismissed = useSignal(false);
	const shown = call.otherShared.value && !dismissed.value;
	// Screen readers announce a status only if it exists before its text.
	return (
		<div class={shown ? "banner moved" : "moved"}>
			<p role="status">{shown && w("link_shared")}</p>
			{shown && (
				<Button kind="plain" onClick={() => (dismissed.value = true)}>
					{t("dismiss")}
				</Button>
			)}
		</div>
	);
}
