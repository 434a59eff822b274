// Reads licence expressions (SPDX specification, annex "SPDX license expressions").

/**
 * Whether the expression can be satisfied with the allowed licences. A slash is how crates wrote
 * "or" before they had expressions. What cannot be read does not fit.
 * @param {string} expression @param {string[]} allowed
 */
export function fits(expression, allowed) {
	const words = expression.replaceAll("/", " OR ").match(/[()]|[^\s()]+/g) ?? [];
	const left = { words, allowed };
	try {
		return either(left) && left.words.length === 0;
	} catch (error) {
		if (error instanceof Unreadable) return false;
		throw error;
	}
}

class Unreadable extends Error {}

// Both sides are read in any case: a side left unread would leave its words over.

function either(left) {
	const sides = [both(left)];
	while (take(left, "OR")) sides.push(both(left));
	return sides.includes(true);
}

function both(left) {
	const sides = [one(left)];
	while (take(left, "AND")) sides.push(one(left));
	return !sides.includes(false);
}

function one(left) {
	if (take(left, "(")) {
		const fine = either(left);
		if (!take(left, ")")) throw new Unreadable();
		return fine;
	}
	const name = word(left);
	return left.allowed.includes(take(left, "WITH") ? `${name} WITH ${word(left)}` : name);
}

function word(left) {
	const [next, ...others] = left.words;
	if (next === undefined || /^(\(|\)|AND|OR|WITH)$/.test(next)) throw new Unreadable();
	left.words = others;
	return next;
}

function take(left, wanted) {
	const found = left.words[0] === wanted;
	if (found) left.words = left.words.slice(1);
	return found;
}
