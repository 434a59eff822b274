// Prints the shape of the house in figures: `node tests/tidy/shape.mjs`.

import { execFileSync } from "node:child_process";
import { byCrate, circles } from "./circles.mjs";
import { files, isTest, ROOT, read, sources } from "./house.mjs";
import * as rust from "./rust.mjs";
import * as script from "./script.mjs";

/** @typedef {{ path: string, name: string, line: number, lines: number }} Found */

/** Words that mark a sentence to write again: the subject is missing or stands at the wrong end. */
export const WORDS =
	/\b([Ww]hoever|[Ww]homever|(is|are) (none|told)|[Aa]new|[Nn]obody is|[Ss]o long|[Oo]f (that|those) (which|that))\b/g;

/** A function that fits on a screen. */
export const LINES_MAX = 70;

/** @returns {Found[]} every function of the house, longest first */
export function functions() {
	const found = [
		...sources(/\.rs$/).flatMap((path) => at(path, rust.functions(read(path)))),
		...sources(/\.(ts|tsx|mjs)$/).flatMap((path) => at(path, script.functions(path, read(path)))),
		...python(sources(/\.py$/)),
	];
	return found.sort((a, b) => b.lines - a.lines);
}

/** Public names of types by the files that define them, where they are more than one. */
export function typesTwice() {
	const places = new Map();
	for (const path of sources(/\.rs$/).filter((file) => !isTest(file))) {
		const text = rust.code(read(path)).split(/#\[cfg\(test\)\]\s*mod /)[0];
		for (const [, name] of text.matchAll(/^\s*pub (?:struct|enum|trait|type|union) (\w+)/gm)) {
			places.set(name, [...(places.get(name) ?? []), path]);
		}
	}
	return [...places].filter(([, paths]) => paths.length > 1);
}

/** Circles of files, in Rust and in TypeScript's own check by the linter. */
export function circlesOfFiles() {
	const crates = byCrate(sources(/\/src\/.*\.rs$/).filter((path) => !isTest(path)));
	return [...crates.values()].flatMap((paths) => circles(new Map(paths.map((path) => [path, read(path)]))));
}

/** Where one of the words stands. */
export function words() {
	const readable = /\.(rs|ts|tsx|mjs|py|md|sh|yaml|toml)$/;
	return sources(readable).flatMap((path) =>
		path.startsWith("tests/tidy/")
			? []
			: [...read(path).matchAll(WORDS)].map((hit) => ({
					path,
					line: read(path).slice(0, hit.index).split("\n").length,
					word: hit[0],
				})),
	);
}

function at(path, lengths) {
	return lengths.map((one) => ({ path, ...one }));
}

/** Python reads itself. */
function python(paths) {
	const program = [
		"import ast, json, sys",
		"found = []",
		"for path in sys.argv[1:]:",
		"    for node in ast.walk(ast.parse(open(path).read())):",
		"        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):",
		"            inner = [one for one in ast.walk(node) if one is not node and isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]",
		"            lines = node.end_lineno - node.lineno + 1 - sum(one.end_lineno - one.lineno + 1 for one in inner)",
		"            found.append({'path': path, 'name': node.name, 'line': node.lineno, 'lines': lines})",
		"print(json.dumps(found))",
	].join("\n");
	return JSON.parse(execFileSync("python3", ["-c", program, ...paths], { cwd: ROOT, encoding: "utf8" }));
}

function print() {
	const all = functions();
	const shipped = all.filter(({ path }) => !isTest(path) && !path.startsWith("tests/"));
	const middle = shipped[Math.floor(shipped.length / 2)];
	const lines = sources(/\.(rs|ts|tsx|mjs|py|css|sh)$/).reduce(
		(sum, path) => sum + read(path).split("\n").length - 1,
		0,
	);
	console.log(`files ${files.length}, lines of code ${lines}`);
	console.log(`functions outside tests ${shipped.length}: median ${middle.lines} lines, longest ${shipped[0].lines}`);
	const long = all.filter((one) => one.lines > LINES_MAX);
	console.log(`functions over ${LINES_MAX} lines: ${long.length}`);
	for (const one of long) console.log(`  ${one.lines} ${one.path}:${one.line} ${one.name}`);
	console.log(`circles of files: ${circlesOfFiles().length}`);
	for (const circle of circlesOfFiles()) console.log(`  ${circle.join(", ")}`);
	console.log(`public type names defined twice: ${typesTwice().length}`);
	for (const [name, paths] of typesTwice()) console.log(`  ${name}: ${paths.join(", ")}`);
	console.log(`words to write again: ${words().length}`);
	for (const { path, line, word } of words()) console.log(`  ${path}:${line} ${word}`);
}

if (process.argv[1]?.endsWith("shape.mjs")) print();
