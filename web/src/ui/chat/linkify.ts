// Finds web addresses in a line. The result is data for text nodes and anchors, never HTML.
//
// Where an address ends follows GitHub Flavored Markdown, section 6.9 (autolinks), with the marks
// of East Asian sentences, which people write without a space.

export interface TextPart {
	text: string;
	href: string | null;
}

export function linkify(text: string): TextPart[] {
	const pieces: TextPart[] = [];
	let from = 0;
	for (const found of text.matchAll(/\bhttps?:\/\/[^\s<>\p{Cc}｜。，、！？；：．…「」『』]+/giu)) {
		const address = ended(found[0]);
		const href = webAddress(address);
		if (href === null || found.index < from) continue;
		if (found.index > from) pieces.push({ text: text.slice(from, found.index), href: null });
		pieces.push({ text: shown(address, href), href });
		from = found.index + address.length;
	}
	if (from < text.length) pieces.push({ text: text.slice(from), href: null });
	return pieces;
}

/** Cuts off what belongs to the sentence around the address. */
function ended(run: string): string {
	let address = within(run);
	for (let before = ""; before !== address; ) {
		before = address;
		address = within(address.replace(/[?!.,;:*_~“”‘’«»]+$/, ""));
		const last = address.slice(-1);
		if ((last === '"' || last === "'") && odd(address, last)) address = address.slice(0, -1);
	}
	return address;
}

/**
 * Ends the address at a bracket that closes one opened before it: `(see https://a.example/b)`. One
 * that goes on as an address does belongs to it.
 */
function within(run: string): string {
	const open: string[] = [];
	for (const { 0: sign, index: at } of run.matchAll(/[()[\]{}（）【】]/g)) {
		const opener = OPENERS[sign];
		if (opener === undefined) open.push(sign);
		else if (open.at(-1) === opener) open.pop();
		else if (!/^[)\]}]+[\w+%&=/#?-]/.test(run.slice(at))) return run.slice(0, at);
	}
	return run;
}

function odd(text: string, sign: string): boolean {
	return text.split(sign).length % 2 === 0;
}

/** Shows where a link really leads: the URL parser spells out letters that only look Latin. */
function shown(typed: string, href: string): string {
	return `${typed}/` === href ? typed : href;
}

function webAddress(text: string): string | null {
	try {
		const url = new URL(text);
		// In `https://good.example@evil.example/` the first part is a user's name, and no place.
		if (url.username !== "" || url.password !== "") return null;
		return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
	} catch {
		return null;
	}
}

const OPENERS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{", "）": "（", "】": "【" };
