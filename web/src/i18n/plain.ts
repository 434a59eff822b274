// Makes other people's text safe beside the page's own: invisible characters can reorder the words
// around them.

/**
 * Removes direction marks and zero-width characters, except the joiners that scripts and emoji
 * need.
 */
export function plain(text: string): string {
	return text.replace(/[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g, "");
}

/**
 * Isolates text of another direction within a sentence, so that it does not move what stands around
 * it. In a right-to-left sentence (`rtl`) that is every value: a number to call begins with a plus.
 */
export function isolated(text: string, rtl = false): string {
	const clean = plain(text);
	return rtl || RIGHT_TO_LEFT.test(clean) ? `\u2068${clean}\u2069` : clean;
}

const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
