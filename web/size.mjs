// Measures what the customer's page loads before the lobby shows, and before a call can run. Fails
// above either budget.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const LOBBY_BYTES_MAX = 30_000;
const CALL_BYTES_MAX = 64 * 1024;
const dist = join(dirname(fileURLToPath(import.meta.url)), "dist");

const lobby = reach("j.html");
const before = report("/j, before the lobby shows", lobby);
const rest = laterFiles(lobby);
const call = before + report("/j, loaded beside the lobby for a call", rest);
console.log(`  ${String(call).padStart(7)} gzip before a call runs`);
if (existsSync(join(dist, "agent.html"))) report("/agent", reach("agent.html"));
check("the lobby", before, LOBBY_BYTES_MAX);
check("a call", call, CALL_BYTES_MAX);

function check(what, bytes, most) {
	if (bytes <= most) return;
	console.error(
		`the customer's page loads ${bytes} bytes gzip before ${what}, more than ${most}: load what is not needed for it later, with import()`,
	);
	process.exitCode = 1;
}

/** The page, and every script and style that its markup and static imports name. */
function reach(page) {
	const found = new Set();
	const waiting = [page];
	for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
		if (found.has(file)) continue;
		found.add(file);
		waiting.push(...named(file));
	}
	return [...found];
}

function named(file) {
	const text = readFileSync(join(dist, file), "utf8");
	if (file.endsWith(".html")) {
		return [...text.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path);
	}
	if (!file.endsWith(".js")) return [];
	const imports = /(?:\bfrom|\bimport)\s*["'](\.{1,2}\/[^"']+\.js)["']/g;
	return [...text.matchAll(imports)].map(([, path]) => posix.join(posix.dirname(file), path));
}

/** What a call needs besides these files: the build lists it where the page loads it. */
function laterFiles(loaded) {
	const page = loaded.find((file) => /\/j-[^/]+\.js$/.test(file));
	const text = readFileSync(join(dist, page), "utf8");
	const loads = /sightlineFiles\.load\("\/(assets\/(?:open|calls|in-call)-[^"]+)",(\[[^\]]*\]),(\[[^\]]*\])\)/g;
	const parts = [...text.matchAll(loads)].map(([, file, scripts, styles]) => {
		const others = [...JSON.parse(scripts), ...JSON.parse(styles)].map((path) => path.slice(1));
		return [...others, file];
	});
	if (parts.length < 2) throw new Error("the page does not load a call and its screen");
	return [...new Set(parts.flat())].filter((file) => !loaded.includes(file));
}

function report(name, files) {
	let [gzip, brotli] = [0, 0];
	console.log(name);
	for (const file of files) {
		const bytes = readFileSync(join(dist, file));
		const sizes = [gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
		gzip += sizes[0];
		brotli += sizes[1];
		console.log(`  ${String(sizes[0]).padStart(7)} gzip ${String(sizes[1]).padStart(7)} br  ${file}`);
	}
	console.log(`  ${String(gzip).padStart(7)} gzip ${String(brotli).padStart(7)} br  in all`);
	return gzip;
}
