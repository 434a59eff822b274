import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import { Button } from "../../ui/buttons";
import { Where } from "./Where";
import { g } from "./words";

/** Where the customer was last, over the picture, until the agent has read it. */
export function GuestPlace({ call, name }: { call: Call; name: string }) {
	const { place } = call.view.value.guest;
	const read = useSignal(0);
	if (place === null || read.value === place.at_ms) return null;
	return (
		<div class="banner" role="group" aria-label={g("place", { name })}>
			<p>
				<strong>{g("place", { name })}</strong>
			</p>
			<Where place={place} />
			<Button kind="plain" onClick={() => (read.value = place.at_ms)}>
				{t("dismiss")}
			</Button>
		</div>
	);
}
