import { days, t } from "../i18n";
import type { Look } from "../wire/generated";

/** Says how long what comes of the call is kept. Servers of the version before name one time. */
export function keptWords({ kept_days = 0, pictures_days, notes_days }: Look): string {
	const pictures = days(pictures_days ?? kept_days);
	const notes = days(notes_days ?? kept_days);
	return pictures === notes ? t("kept", { days: notes }) : t("kept_apart", { pictures, notes });
}
