// Texts that a number changes. They hold every form that their language has, in the notation of
// ICU's MessageFormat: `{n, plural, one {# star} other {# stars}}`. `Intl` knows which number takes
// which form.

import { digits, language } from "./index";

/** Returns the text with `n` filled in, in the form that `n` takes. */
export function counted(text: string, n: number, said = language.value): string {
	return text.replace(PLURAL, (_, written: string) => {
		const forms = new Map([...written.matchAll(FORM)].map(([, of = "", words = ""]) => [of, words]));
		const form = forms.get(new Intl.PluralRules(said).select(n)) ?? forms.get("other") ?? "";
		return form.replaceAll("#", new Intl.NumberFormat(digits(said)).format(n));
	});
}

/** The categories that a text has forms for; null for a text without a number. */
export function categoriesIn(text: string): string[] | null {
	const [, written] = new RegExp(PLURAL.source).exec(text) ?? [];
	return written === undefined ? null : [...written.matchAll(FORM)].map(([, category = ""]) => category);
}

const PLURAL = /\{n, plural,((?: \w+ \{[^{}]*\})+)\}/g;
const FORM = /(\w+) \{([^{}]*)\}/g;
