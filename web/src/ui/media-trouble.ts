// Words for media that this browser, the other one or the relay cannot take, and for links that
// carry only a part of a call.

import "../i18n/en-media";
import { digits, language, t } from "../i18n";
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

/** The sentence for a call that goes on in part. */
export function linkWords(call: Call, name: string): string | null {
	const is = call.connection.value;
	if (is.state !== "live" && is.state !== "weak") return null;
	if (is.signalling !== undefined) return t(`signalling_${is.signalling}`, { name });
	return call.stills.value && t(`stills_${call.stills.value}`, { name });
}

/** How much data sound and picture took on this page. */
export function usedWords(call: Call): string {
	const format = new Intl.NumberFormat(digits(language.value), {
		style: "unit",
		unit: "megabyte",
		maximumFractionDigits: 1,
	});
	// As `Intl` writes it, with the marks of direction that Hebrew needs.
	return t("data_used").replace("{amount}", format.format(call.usedBytes.value / 1_000_000));
}
