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
			input: { j: at("j.html"), agent: at("agent.html") },
			output: { codeSplitting: { groups: [{ name: sharedByPages, debugName: "shared" }] } },
		},
	},
	oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
	plugins: [apart(), laterFiles(), compressed()],
	// A busy machine makes property tests slow.
	test: { testTimeout: 30_000, environment: "node", include: ["tests/**/*.test.ts", "src/**/*.test.ts"] },
});

/**
 * The one chunk of all modules that both pages import statically: one file compresses better than
 * several, and is one request.
 */
function sharedByPages(id: string, graph: ModuleGraph): string | null {
	const both = ["j.html", "agent.html"].every((page) => imported(at(page), graph).has(id));
	return both ? "shared" : null;
}

interface ModuleGraph {
	getModuleInfo(id: string): { importedIds: string[] } | null;
}

/** A module, and all that it imports statically. */
function imported(root: string, graph: ModuleGraph): ReadonlySet<string> {
	const found = new Set<string>();
	const waiting = [root];
	for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
		if (found.has(id)) continue;
		found.add(id);
		waiting.push(...(graph.getModuleInfo(id)?.importedIds ?? []));
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
