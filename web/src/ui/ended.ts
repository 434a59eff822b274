import { t } from "../i18n";
import type { Call } from "../link/call";
import type { EndReason } from "../wire/generated";
import { minutes } from "./clock";

/** Says why the call ended, for the person on this page. */
export function endWords(call: Call, why: EndReason): string {
	if (why === `${call.seat}_ended`) return t("ended_you");
	const { agent, customer } = call.view.value.seats;
	return t(`ended_${why}`, {
		agent: agent.name ?? call.view.value.agent_name ?? "",
		customer: customer.name ?? t("guest"),
	});
}

/** Says how long both were in the call; null if they never were. */
export function lengthWords(call: Call): string | null {
	const { live_since_ms, ended } = call.view.value;
	if (live_since_ms === null || ended === null) return null;
	return t("ended_length", { time: minutes(ended.at_ms - live_since_ms) });
}
