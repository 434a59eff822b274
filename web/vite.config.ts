import { constants, brotliCompressSync, gzipSync } from "node:zlib";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { laterFiles } from "./later-files.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
	base: "/",
	build: {
		target: "es2022",
		outDir: "dist",
		assetsDir: "assets",
		// The content policy allows no inline script and no data: in styles.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		cssCodeSplit: true,
		reportCompressedSize: false,
		rolldownOptions: {
			input: {
				j: at("j.html"),
				agent: at("agent.html"),
				verify: at("verify.html"),
				ask: at("src/link/server/ask.ts"),
				scheme: at("src/agent/look/first.ts"),
			},
			output: {
				codeSplitting: {
					groups: [
						{ name: sharedByPages, debugName: "shared", priority: 2 },
						{ name: sharedByCalls, debugName: "calls", priority: 1 },
					],
				},
			},
		},
	},
	oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
	plugins: [asksFirst(), schemeFirst(), apart(), laterFiles(), compressed()],
	// A busy machine makes property tests slow.
	test: { testTimeout: 30_000, environment: "node", include: ["tests/**/*.test.ts", "src/**/*.test.ts"] },
});

const CALL = ["src/customer/in-call.ts", "src/link/open.ts"];
const BESIDE = ["src/customer/Alongside.tsx"];
const HELP = ["src/customer/help.tsx"];

/**
 * The one chunk of all modules that the customer's first view needs and the agent's page has too:
 * one file compresses better than several, and is one request. With it comes what both chunks below
 * need, so that neither imports the other.
 */
function sharedByPages(id: string, graph: ModuleGraph): string | null {
	if (!within(["agent.html"], id, graph, true)) return null;
	const both = within(CALL, id, graph) && within(BESIDE, id, graph);
	return within(["j.html"], id, graph) || (both && within(["agent.html"], id, graph)) ? "shared" : null;
}

/** One chunk of what a call of either page needs besides, and one of what comes beside the call. */
function sharedByCalls(id: string, graph: ModuleGraph): string | null {
	if (id.endsWith(".css") || !within(["agent.html"], id, graph)) return null;
	if (within(CALL, id, graph) || (within(HELP, id, graph) && needsCall(id, graph))) return "calls";
	return within(BESIDE, id, graph) ? "side" : null;
}

/** Whether it imports something that is a call's alone. */
function needsCall(id: string, graph: ModuleGraph): boolean {
	const first = imported(at("j.html"), graph);
	return [...imported(id, graph)].some((other) => within(CALL, other, graph) && !first.has(other));
}

function within(parts: readonly string[], id: string, graph: ModuleGraph, later = false): boolean {
	return parts.some((part) => imported(at(part), graph, later).has(id));
}

interface ModuleGraph {
	getModuleInfo(id: string): { importedIds: string[]; dynamicallyImportedIds: string[] } | null;
}

/** A module, and all that it imports statically, or at all. */
function imported(root: string, graph: ModuleGraph, later = false): ReadonlySet<string> {
	const found = new Set<string>();
	const waiting = [root];
	for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
		if (found.has(id)) continue;
		found.add(id);
		const module = graph.getModuleInfo(id);
		waiting.push(...(module?.importedIds ?? []), ...((later && module?.dynamicallyImportedIds) || []));
	}
	return found;
}

/** Writes `.gz` and `.br` beside every text file of the bundle: servers send them as stored. */
function compressed(): Plugin {
	return {
		name: "compressed",
		apply: "build",
		writeBundle() {
			const dist = at("dist");
			for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
				if (!/\.(html|js|css|svg|json|txt|webmanifest)$/.test(name)) continue;
				const bytes = readFileSync(join(dist, name));
				writeFileSync(join(dist, `${name}.gz`), gzipSync(bytes, { level: 9 }));
				const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
				writeFileSync(join(dist, `${name}.br`), brotliCompressSync(bytes, { params }));
			}
		},
	};
}

/** Puts the script that asks what the link leads to before all others of the customer's page. */
function asksFirst(): Plugin {
	return {
		name: "asks-first",
		apply: "build",
		transformIndexHtml: {
			order: "post",
			handler(_, { filename, bundle }) {
				if (!filename.endsWith("j.html")) return [];
				const asks = Object.values(bundle ?? {}).find((one) => one.type === "chunk" && one.name === "ask");
				if (asks === undefined) throw new Error("the bundle lacks the script that asks first");
				const attrs = { type: "module", async: true, src: `/${asks.fileName}` };
				return [{ tag: "script", attrs, injectTo: "head-prepend" }];
			},
		},
	};
}

/** Lets the agent's page wait for the script that applies the chosen scheme. */
function schemeFirst(): Plugin {
	return {
		name: "scheme-first",
		apply: "build",
		transformIndexHtml: {
			order: "post",
			handler(_, { filename, bundle }) {
				if (!filename.endsWith("agent.html")) return [];
				const script = Object.values(bundle ?? {}).find((one) => one.type === "chunk" && one.name === "scheme");
				if (script?.type !== "chunk") throw new Error("the bundle lacks the script that applies the scheme");
				if (script.imports.length > 0) throw new Error(`${script.fileName} imports others: it is no module`);
				return [{ tag: "script", attrs: { src: `/${script.fileName}` }, injectTo: "head-prepend" }];
			},
		},
	};
}

/**
 * Fails the build if the customer's page, made for weak networks, loads a module of the console.
 */
function apart(): Plugin {
	return {
		name: "apart",
		apply: "build",
		generateBundle(_, bundle) {
			const entry = Object.values(bundle).find((one) => one.type === "chunk" && one.isEntry && one.name === "j");
			const waiting = entry === undefined ? [] : [entry.fileName];
			const seen = new Set<string>();
			for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
				const chunk = bundle[name];
				if (seen.has(name) || chunk?.type !== "chunk") continue;
				seen.add(name);
				waiting.push(...chunk.imports, ...chunk.dynamicImports);
				const stray = chunk.moduleIds.find((id) => id.includes("/src/agent/"));
				if (stray !== undefined) this.error(`${stray} is in ${name}, which the customer's page loads`);
			}
		},
	};
}
