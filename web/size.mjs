// Measures what the customer's page loads before a call can run. Fails above the budget.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const BUDGET = 60 * 1024;
const dist = join(dirname(fileURLToPath(import.meta.url)), "dist");

const customer = reach("j.html");
const agent = existsSync(join(dist, "agent.html")) ? reach("agent.html") : null;
const total = report("/j", customer);
if (agent !== null) report("/agent", agent);
if (total > BUDGET) {
	console.error(
		`the customer's page is ${total} bytes gzip, more than ${BUDGET}: load what is not needed for a running call later, with import()`,
	);
	process.exit(1);
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
