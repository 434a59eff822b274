// Words for media that this browser, the other one or the relay cannot take.

import "../i18n/en-media";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { opposite } from "../wire/seats";

/** The sentence for what is wrong with the media for good; `name` is the other person's. */
export function mediaTroubleWords(call: Call, name: string): string | null {
	const trouble = call.mediaTrouble.value;
	if (trouble === null) return null;
	if (trouble === "messages" || trouble === "work") return t(`gone_${trouble}`);
	if (trouble !== "undecodable" && trouble !== "unseen") return t("offer_refused", { why: t(`offer_${trouble}`) });
	// A camera that is off cannot be seen anyway.
	const whose = trouble === "unseen" ? call.seat : opposite(call.seat);
	return call.view.value.seats[whose].camera ? t(`picture_${trouble}`, { name }) : null;
}
