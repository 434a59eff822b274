// Writes the bill of materials of everything that ships: `node infra/sbom.mjs >sightline.cdx.json`
//
// CycloneDX 1.6 in JSON. It has no date and no serial number, so that the same sources make the
// same bytes. "required" is what is in a program or a page, "excluded" what only builds or tests.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Our crates that only test. */
const TESTS = ["sightline-gateway"];

/** Returns the bill. */
export function sbom() {
	const [{ version, license }] = metadata().packages.filter(({ name }) => name === "sightline-local");
	const parts = [...crates(), ...modules("web"), ...modules("tests")];
	const unique = new Map();
	// The same package may serve a page and a test: then it ships.
	for (const part of parts) {
		const known = unique.get(part.component.purl);
		if (known === undefined || part.component.scope === "required") unique.set(part.component.purl, part);
	}
	const sorted = [...unique.values()].sort((a, b) => (a.component.purl < b.component.purl ? -1 : 1));
	return {
		$schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
		bomFormat: "CycloneDX",
		specVersion: "1.6",
		version: 1,
		metadata: {
			component: {
				type: "application",
				"bom-ref": "sightline",
				name: "sightline",
				version,
				licenses: licences(license),
			},
		},
		components: sorted.map(({ component }) => component),
		dependencies: [{ component: { "bom-ref": "sightline" }, needs: direct() }, ...sorted].map(
			({ component, needs }) => ({
				ref: component["bom-ref"],
				dependsOn: [...new Set(needs)].filter((purl) => unique.has(purl)).sort(),
			}),
		),
	};
}

/** What our own crates and pages name as their dependencies. */
function direct() {
	const { packages, resolve } = metadata();
	const ids = new Map(packages.map((one) => [one.id, one]));
	const ours = resolve.nodes.filter(({ id }) => ids.get(id).source === null && !TESTS.includes(ids.get(id).name));
	const wanted = ours
		.flatMap(({ deps }) => deps.filter(({ dep_kinds }) => dep_kinds.some(({ kind }) => kind === null)))
		.map(({ pkg }) => `pkg:cargo/${ids.get(pkg).name}@${ids.get(pkg).version}`);
	const pages = JSON.parse(read("web/package-lock.json")).packages;
	const names = Object.keys(pages[""].dependencies);
	return [...wanted, ...names.map((name) => npmPurl(name, pages[`node_modules/${name}`].version))];
}

/** Every crate from the registry, for the machine that runs this. */
function crates() {
	const { packages, resolve } = metadata();
	const ids = new Map(packages.map((one) => [one.id, one]));
	const ships = new Set(
		tree("normal", ["--workspace", ...TESTS.flatMap((name) => ["--exclude", name])]).map(crateOf),
	);
	const built = new Set(tree("normal,build,dev", ["--workspace"]).map(crateOf));
	const hashes = new Map(
		[...read("Cargo.lock").matchAll(/^name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(\w{64})"$/gm)].map(
			([, name, version, hash]) => [`${name}@${version}`, hash],
		),
	);
	const purl = (id) => `pkg:cargo/${ids.get(id).name}@${ids.get(id).version}`;
	return resolve.nodes
		.filter(({ id }) => ids.get(id).source !== null && built.has(`${ids.get(id).name}@${ids.get(id).version}`))
		.map(({ id, deps }) => {
			const { name, version, license } = ids.get(id);
			const hash = hashes.get(`${name}@${version}`);
			if (hash === undefined) throw new Error(`Cargo.lock has no hash of ${name} ${version}`);
			const scope = ships.has(`${name}@${version}`) ? "required" : "excluded";
			const component = library(purl(id), { name, version, license, scope }, { alg: "SHA-256", content: hash });
			return { component, needs: deps.map((dependency) => purl(dependency.pkg)) };
		});
}

/** Every npm package of a lock. */
function modules(folder) {
	const { packages } = JSON.parse(read(`${folder}/package-lock.json`));
	return Object.entries(packages)
		.filter(([path]) => path !== "")
		.map(([path, entry]) => {
			const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
			const scope = folder === "web" && !entry.dev ? "required" : "excluded";
			const about = { name, version: entry.version, license: entry.license, scope };
			const content = Buffer.from(entry.integrity.replace("sha512-", ""), "base64").toString("hex");
			const needs = Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
				.map((wanted) => found(packages, path, wanted))
				.filter((at) => at !== undefined)
				.map((at) => npmPurl(at.slice(at.lastIndexOf("node_modules/") + 13), packages[at].version));
			return { component: library(npmPurl(name, entry.version), about, { alg: "SHA-512", content }), needs };
		});
}

/** Where Node finds a package: in the folder of the one that asks, or in one above it. */
function found(packages, from, wanted) {
	for (let path = from; ; path = path.slice(0, Math.max(0, path.lastIndexOf("/node_modules/")))) {
		const at = path === "" ? `node_modules/${wanted}` : `${path}/node_modules/${wanted}`;
		if (packages[at] !== undefined || path === "") return packages[at] && at;
	}
}

function library(purl, { name, version, license, scope }, hash) {
	return { type: "library", "bom-ref": purl, name, version, scope, hashes: [hash], licenses: licences(license), purl };
}

/** Crates used to separate licences with a slash. */
function licences(expression) {
	return [{ expression: expression.replace(/\s*\/\s*/g, " OR ") }];
}

/** Package URL specification, types: an npm scope is the namespace, with its @ encoded. */
function npmPurl(name, version) {
	return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function crateOf(line) {
	const [name, version] = line.split(" ");
	return `${name}@${version.replace("v", "")}`;
}

function tree(edges, which) {
	const text = cargo("tree", ...which, "-e", edges, "--prefix", "none", "--format", "{p}");
	return [...new Set(text.split("\n").filter((line) => line !== ""))];
}

function metadata() {
	const host = /^host: (.+)$/m.exec(execFileSync("rustc", ["-vV"], { encoding: "utf8" }))?.[1] ?? "";
	return JSON.parse(cargo("metadata", "--format-version", "1", "--filter-platform", host));
}

function cargo(command, ...words) {
	const settings = { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 };
	return execFileSync("cargo", [command, "--locked", ...words], settings);
}

function read(path) {
	return readFileSync(ROOT + path, "utf8");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	process.stdout.write(`${JSON.stringify(sbom(), null, "\t")}\n`);
}
