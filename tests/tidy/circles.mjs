// Finds Rust files that depend on each other in a circle.

import { posix } from "node:path";
import { code } from "./rust.mjs";

/**
 * Finds the circles of one crate: groups of files that depend on each other by `use` or by path.
 * @param {Map<string, string>} crate sources by path, below `src/`
 * @returns {string[][]}
 */
export function circles(crate) {
	const modules = new Map([...crate.keys()].map((path) => [moduleOf(path), path]));
	const arrows = new Map([...crate].map(([path, text]) => [path, targets(path, text, modules)]));
	return components(arrows).filter((group) => group.length > 1);
}

/** `src/topic/chat.rs` is `topic::chat`, `src/topic/mod.rs` is `topic`, `src/lib.rs` the crate. */
function moduleOf(path) {
	const inside = path.slice(path.indexOf("src/") + 4).replace(/(\/mod)?\.rs$/, "");
	return inside === "lib" || inside === "main" ? "" : inside.replaceAll("/", "::");
}

function targets(path, source, modules) {
	const here = moduleOf(path);
	const found = new Set();
	for (const name of names(withoutTests(code(source)), here)) {
		const file = deepest(name, modules);
		if (file !== undefined && file !== path) found.add(file);
	}
	// Ignores dependencies between a module and its ancestors, which declare and re-export it.
	return new Set([...found].filter((file) => !isParent(moduleOf(file), here) && !isParent(here, moduleOf(file))));
}

/** Yields every path that begins with `crate`, `super` or `self`; `use` trees are expanded. */
function* names(text, here) {
	for (const [, start, rest] of text.matchAll(/\b(crate|super|self)((?:::\w+)*(?:::\{[^;]*?\})?)/g)) {
		const parent = here.split("::").slice(0, -1).join("::");
		const base = { crate: "", super: parent, self: here }[start];
		for (const tail of branches(rest.replace(/^::/, ""))) yield [base, tail].filter(Boolean).join("::");
	}
}

function branches(tree) {
	const open = tree.indexOf("{");
	if (open === -1) return [tree];
	const before = tree.slice(0, open).replace(/::$/, "");
	return parts(tree.slice(open + 1, -1)).flatMap((part) =>
		branches(part.trim().replace(/\s+as\s+\w+$/, "")).map((tail) => [before, tail].filter(Boolean).join("::")),
	);
}

/** Splits at commas outside braces. */
function parts(list) {
	const found = [""];
	let depth = 0;
	for (const sign of list) {
		if (sign === "{") depth += 1;
		if (sign === "}") depth -= 1;
		if (sign === "," && depth === 0) found.push("");
		else found[found.length - 1] += sign;
	}
	return found.filter((part) => part.trim() !== "");
}

function deepest(name, modules) {
	for (let at = name; at !== ""; at = at.split("::").slice(0, -1).join("::")) {
		if (modules.has(at)) return modules.get(at);
	}
}

function isParent(parent, child) {
	return parent === "" || child.startsWith(`${parent}::`);
}

function withoutTests(text) {
	return text.split(/#\[cfg\(test\)\]\s*mod /)[0];
}

/** Finds the strongly connected components (Tarjan). */
function components(arrows) {
	const index = new Map();
	const low = new Map();
	const stack = [];
	const groups = [];
	const visit = (node) => {
		index.set(node, index.size);
		low.set(node, index.get(node));
		stack.push(node);
		for (const next of arrows.get(node) ?? []) {
			if (!index.has(next)) {
				visit(next);
				low.set(node, Math.min(low.get(node), low.get(next)));
			} else if (stack.includes(next)) low.set(node, Math.min(low.get(node), index.get(next)));
		}
		if (low.get(node) === index.get(node)) groups.push(stack.splice(stack.indexOf(node)));
	};
	for (const node of arrows.keys()) if (!index.has(node)) visit(node);
	return groups;
}

/** Groups source files by crate. @param {string[]} paths */
export function byCrate(paths) {
	const crates = new Map();
	for (const path of paths) {
		const crate = posix.dirname(path.slice(0, path.indexOf("/src/") + 5));
		crates.set(crate, [...(crates.get(crate) ?? []), path]);
	}
	return crates;
}
