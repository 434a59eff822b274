// Parses Rust sources as far as the rules need: removes comments and literals, matches braces.

/** @typedef {{ name: string, line: number, lines: number }} Length a function's start and length */

/**
 * Replaces comments, strings and characters by spaces. Lines and columns stay.
 * @param {string} source
 */
export function code(source) {
	const literal =
		/\/\/[^\n]*|\/\*[\s\S]*?\*\/|\b[bc]?r(#*)"[\s\S]*?"\1|[bc]?"(?:\\[\s\S]|[^"\\])*"|b?'(?:\\(?:u\{[^}]*\}|x..|[\s\S])|[^'\\\n])'/g;
	return source.replace(literal, (text) => text.replace(/[^\n]/g, " "));
}

/**
 * Returns every function with a body. A nested function counts by itself.
 * @param {string} source
 * @returns {Length[]}
 */
export function functions(source) {
	const text = code(source);
	const spans = [];
	for (const found of text.matchAll(/\bfn\s+(\w+)/g)) {
		const open = bodyOf(text, found.index);
		if (open === -1) continue;
		spans.push({ name: found[1], begin: found.index, end: closing(text, open) });
	}
	return withoutInner(text, spans);
}

/**
 * Returns the lengths of spans without the spans nested in them.
 * @param {string} text
 * @param {{ name: string, begin: number, end: number }[]} spans
 * @returns {Length[]}
 */
export function withoutInner(text, spans) {
	const lines = (span) => text.slice(span.begin, span.end).split("\n").length;
	const inside = (inner, outer) => inner !== outer && inner.begin >= outer.begin && inner.end <= outer.end;
	return spans.map((span) => {
		const inner = spans.filter((one) => inside(one, span));
		const outermost = inner.filter((one) => !inner.some((other) => inside(one, other)));
		const own = outermost.reduce((sum, one) => sum - lines(one), lines(span));
		return { name: span.name, line: text.slice(0, span.begin).split("\n").length, lines: own };
	});
}

/** Returns where the body of the function at `from` opens, or -1 if it has none. */
function bodyOf(text, from) {
	let depth = 0;
	for (let at = from; at < text.length; at += 1) {
		const sign = text[at];
		if (sign === "(" || sign === "[") depth += 1;
		else if (sign === ")" || sign === "]") depth -= 1;
		else if (sign === ";" && depth === 0) return -1;
		else if (sign === "{" && depth === 0) return at;
	}
	return -1;
}

function closing(text, open) {
	let depth = 0;
	for (let at = open; at < text.length; at += 1) {
		if (text[at] === "{") depth += 1;
		else if (text[at] === "}") {
			depth -= 1;
			if (depth === 0) return at + 1;
		}
	}
	return text.length;
}
