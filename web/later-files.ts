// Makes lost files of later parts recoverable: in the bundle, `import()` becomes a call of
// `sightlineFiles.load`, and what a later script imports from another later one is taken from
// `sightlineFiles.module`. `web/src/files.ts` says why.

import type { Plugin, Rolldown } from "vite";

type Chunk = Rolldown.OutputChunk;
type Node = Readonly<Record<string, unknown>> & { type: string; start: number; end: number };
type Edit = { start: number; end: number; text: string };

export function laterFiles(): Plugin {
	return {
		name: "later-files",
		apply: "build",
		// `sightlineFiles` does what Vite's helper is for.
		load: {
			order: "pre",
			handler: (id) => (id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : null),
		},
		generateBundle: {
			order: "post",
			handler(_, bundle) {
				const chunks = new Map(
					Object.values(bundle).flatMap((one) => (one.type === "chunk" ? [[one.fileName, one] as const] : [])),
				);
				const pages = pagesOf(chunks);
				for (const chunk of chunks.values()) {
					const first = loadedBefore(chunk, pages);
					const stray = withAPage(chunk, pages) ? chunk.imports.find((name) => !first.has(name)) : undefined;
					// Another page, where it loads later, could not replace a lost one.
					if (stray !== undefined) this.error(`${chunk.fileName} imports ${stray}: put both into one group`);
					const program = this.parse(chunk.code) as unknown as Node;
					const edits = [
						...(withAPage(chunk, pages) ? [] : statics(program, chunk, first)),
						...dynamics(program, chunk, chunks, first),
					];
					chunk.code = edited(chunk.code, edits);
				}
			},
		},
	};
}

interface Page {
	/** The scripts that it imports statically. */
	first: ReadonlySet<string>;
	/** All scripts that it may load. */
	all: ReadonlySet<string>;
}

function pagesOf(chunks: ReadonlyMap<string, Chunk>): Page[] {
	const entries = [...chunks.values()].filter((chunk) => chunk.isEntry);
	return entries.map((entry) => {
		const first = new Set([entry.fileName, ...imported(entry, chunks, new Set())]);
		const all = new Set<string>();
		const waiting = [entry.fileName];
		for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
			const chunk = chunks.get(name);
			if (all.has(name) || chunk === undefined) continue;
			all.add(name);
			waiting.push(...chunk.imports, ...chunk.dynamicImports);
		}
		return { first, all };
	});
}

/** Whether a page imports it statically. */
function withAPage(chunk: Chunk, pages: readonly Page[]): boolean {
	return pages.some(({ first }) => first.has(chunk.fileName));
}

/** The scripts that every page that may load this one has imported statically before. */
function loadedBefore(chunk: Chunk, pages: readonly Page[]): ReadonlySet<string> {
	const loading = pages.filter(({ all }) => all.has(chunk.fileName));
	const [one, ...others] = loading.map(({ first }) => first);
	return new Set([...(one ?? [])].filter((name) => others.every((first) => first.has(name))));
}

/** The later scripts that a script needs, each after those that it imports itself. */
function imported(chunk: Chunk, chunks: ReadonlyMap<string, Chunk>, without: ReadonlySet<string>): string[] {
	const found = new Set<string>();
	const visit = (name: string): void => {
		const next = chunks.get(name);
		if (next === undefined || found.has(name) || without.has(name)) return;
		for (const other of next.imports) visit(other);
		found.add(name);
	};
	for (const name of chunk.imports) visit(name);
	return [...found];
}

/** Takes what a later script imports from another one out of the loaded modules. */
function statics(program: Node, chunk: Chunk, first: ReadonlySet<string>): Edit[] {
	return (program.body as Node[]).flatMap((node) => {
		const source = node.source as Node | null | undefined;
		const name = source === null || source === undefined ? null : inAssets(source.value, chunk);
		if (name === null || first.has(name)) return [];
		if (node.type !== "ImportDeclaration") throw new Error(`${chunk.fileName} exports what ${name} exports`);
		const module = `sightlineFiles.module("/${name}")`;
		const names = (node.specifiers as Node[]).map((specifier) => {
			if (specifier.type !== "ImportSpecifier") throw new Error(`${chunk.fileName} imports all of ${name}`);
			return `${nameOf(specifier.imported)}:${nameOf(specifier.local)}`;
		});
		const text = names.length === 0 ? "" : `const{${names.join(",")}}=${module};`;
		return [{ start: node.start, end: node.end, text }];
	});
}

/** Turns `import("./Board.js")` into a load of everything the script needs. */
function dynamics(program: Node, chunk: Chunk, chunks: ReadonlyMap<string, Chunk>, first: ReadonlySet<string>): Edit[] {
	const edits: Edit[] = [];
	walk(program, (node) => {
		if (node.type === "ImportExpression") {
			const name = inAssets(literal(node.source as Node), chunk);
			const target = name === null ? undefined : chunks.get(name);
			if (name === null || target === undefined) return;
			const scripts = imported(target, chunks, first);
			const styles = [...scripts, name].flatMap((script) => [...(chunks.get(script)?.viteMetadata?.importedCss ?? [])]);
			const parameters = [`/${name}`, scripts.map((one) => `/${one}`), [...new Set(styles)].map((one) => `/${one}`)];
			const text = `sightlineFiles.load(${parameters.map((one) => JSON.stringify(one)).join(",")})`;
			edits.push({ start: node.start, end: node.end, text });
		}
		// Vite's own list of files to load before.
		if (node.type === "CallExpression" && nameOf(node.callee) === "__vite__mapDeps") {
			edits.push({ start: node.start, end: node.end, text: "[]" });
		}
		if (node.type === "VariableDeclaration") {
			const [declared] = node.declarations as Node[];
			if (nameOf(declared?.id) === "__vite__mapDeps") edits.push({ start: node.start, end: node.end, text: "" });
		}
	});
	return edits;
}

/** The name in the bundle of a file that a script imports relatively. */
function inAssets(address: unknown, chunk: Chunk): string | null {
	if (typeof address !== "string" || !address.startsWith(".")) return null;
	return new URL(address, `file:///${chunk.fileName}`).pathname.slice(1);
}

function literal(node: Node): unknown {
	if (node.type !== "TemplateLiteral") return node.value;
	const [only, ...more] = node.quasis as { value: { cooked: string } }[];
	return more.length === 0 ? only?.value.cooked : undefined;
}

function nameOf(node: unknown): string {
	const { name, value } = (node ?? {}) as { name?: string; value?: string };
	return name ?? JSON.stringify(value ?? "");
}

function walk(node: unknown, see: (node: Node) => void): void {
	if (Array.isArray(node)) for (const one of node) walk(one, see);
	if (typeof node !== "object" || node === null || !("type" in node)) return;
	see(node as Node);
	for (const value of Object.values(node)) if (typeof value === "object") walk(value, see);
}

function edited(code: string, edits: readonly Edit[]): string {
	let text = code;
	for (const { start, end, text: by } of [...edits].sort((one, other) => other.start - one.start)) {
		text = text.slice(0, start) + by + text.slice(end);
	}
	return text;
}
