// Text that somebody else wrote, made safe to stand beside ours: invisible characters in it can
// turn the words around it.

/**
 * Without direction marks and zero-width characters. The two joiners stay: scripts and emoji need
 * them.
 */
export function plain(text: string): string {
	return text.replace(/[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g, "");
}

/**
 * For a place inside a sentence: letters that run from right to left take no full stop or bracket
 * of ours along.
 */
export function isolated(text: string): string {
	const clean = plain(text);
	return RIGHT_TO_LEFT.test(clean) ? `\u2068${clean}\u2069` : clean;
}

const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
