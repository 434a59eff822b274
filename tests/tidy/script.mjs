// Parses TypeScript and JavaScript with the parser of the pages' bundler.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { withoutInner } from "./rust.mjs";

const web = createRequire(new URL("../../web/package.json", import.meta.url));
const { parseSync } = await import(pathToFileURL(web.resolve("vite")).href);

/** A callback of one of these counts by itself, like a named function. */
const RUNNERS = new Set(["describe", "it", "test", "suite", "before", "after", "beforeEach", "afterEach"]);

/**
 * Returns every function. Nested named functions and callbacks of tests count by themselves.
 * @param {string} path
 * @param {string} source
 */
export function functions(path, source) {
	const { program, errors } = parseSync(path, source);
	if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
	const spans = [];
	walk(program, null, (node, parent) => {
		const name = nameOf(node, parent);
		if (name !== null) spans.push({ name, begin: node.start, end: node.end });
	});
	return withoutInner(source, spans);
}

/** Returns a function's name, or null if it counts as part of the function around it. */
function nameOf(node, parent) {
	if (node.type === "FunctionDeclaration") return node.id?.name ?? "default";
	if (node.type !== "ArrowFunctionExpression" && node.type !== "FunctionExpression") return null;
	if (parent?.type === "VariableDeclarator") return parent.id.name ?? "pattern";
	if (parent?.type === "MethodDefinition" || parent?.type === "PropertyDefinition" || parent?.type === "Property") {
		return parent.key.name ?? parent.key.value ?? "computed";
	}
	if (parent?.type !== "CallExpression") return null;
	const called = parent.callee.type === "MemberExpression" ? parent.callee.object : parent.callee;
	return RUNNERS.has(called.name) ? "test" : null;
}

function walk(node, parent, visit) {
	visit(node, parent);
	for (const [key, value] of Object.entries(node)) {
		if (key === "parent" || value === null || typeof value !== "object") continue;
		for (const child of Array.isArray(value) ? value : [value]) {
			if (typeof child?.type === "string") walk(child, node, visit);
		}
	}
}
