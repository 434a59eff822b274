// What the lobby said is kept, in the language in which it stood there.

import { days, fill, LANGUAGES } from "../../i18n";
import type { CallDetail } from "../../wire/generated";

/** Null for a language that this page does not have. */
export async function lobbyLine(language: string, [pictures, notes]: CallDetail["kept_days"]): Promise<string | null> {
	const words = await LANGUAGES[language.toLowerCase().split("-")[0] ?? ""]?.();
	const line = pictures === notes ? words?.kept : words?.kept_apart;
	if (line === undefined) return null;
	return fill(line, { days: days(notes, language), pictures: days(pictures, language), notes: days(notes, language) });
}
