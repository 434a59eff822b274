// Finds web addresses in a line. The result is data for text nodes and anchors, never HTML.

export interface TextPart {
	text: string;
	href: string | null;
}

export function linkify(text: string): TextPart[] {
	const pieces: TextPart[] = [];
	let from = 0;
	for (const found of text.matchAll(/\bhttps?:\/\/[^\s<>"']+/gi)) {
		// A full stop or bracket after an address belongs to the sentence.
		const address = found[0].replace(/[.,;:!?)\]}]+$/, "");
		const href = webAddress(address);
		if (href === null) continue;
		if (found.index > from) pieces.push({ text: text.slice(from, found.index), href: null });
		pieces.push({ text: shown(address, href), href });
		from = found.index + address.length;
	}
	if (from < text.length) pieces.push({ text: text.slice(from), href: null });
	return pieces;
}

/** Shows where a link really leads: the URL parser spells out letters that only look Latin. */
function shown(typed: string, href: string): string {
	return `${typed}/` === href ? typed : href;
}

function webAddress(text: string): string | null {
	try {
		const url = new URL(text);
		return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
	} catch {
		return null;
	}
}
