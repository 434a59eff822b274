// The languages that the browser reports. They are input like any other: a browser may report what
// no standard calls a language tag (`en-US@posix`, `C`, nothing), and `Intl` throws at those.

/** The reported tags that `Intl` takes, best first. */
export function reportedLanguages(): string[] {
	return acceptable([...(navigator.languages ?? []), navigator.language]);
}

/** Keeps what is a tag of BCP 47, or begins with one in the notation of POSIX (`de_DE.UTF-8`). */
export function acceptable(reported: readonly unknown[]): string[] {
	const tags = reported.flatMap((one) => canonical(String(one ?? "").trim()));
	return [...new Set(tags)];
}

function canonical(tag: string): string[] {
	try {
		return Intl.getCanonicalLocales(tag.replace(/[.@].*$/, "").replaceAll("_", "-"));
	} catch {
		return [];
	}
}
