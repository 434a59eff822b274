// @ts-check
// A client of the API. Its types are generated from the document of the API, so the programs here
// can be checked against it (`isTyped`).

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import createClient from "openapi-fetch";
import openapiTS, { astToString } from "openapi-typescript";

/** @typedef {import("./v1.d.ts").paths} Paths */
/** @typedef {import("openapi-fetch").Client<Paths>} Api */

const TYPES = new URL("v1.d.ts", import.meta.url);
const COMPILER = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/**
 * @param {string} base
 * @param {string} key
 * @returns {Api}
 */
export function client(base, key) {
	return createClient({ baseUrl: base, headers: { authorization: `Bearer ${key}` }, redirect: "manual" });
}

/**
 * Compares the types with the document that a deployment serves, and the programs with the types.
 * With UPDATE=1 it writes the types.
 * @param {string} base
 * @returns {Promise<{ same: boolean, faults: string }>}
 */
export async function isTyped(base) {
	const document = await (await fetch(`${base}/api/v1/openapi.json`)).json();
	const types = `// Generated from functions/host/openapi.json by openapi-typescript. UPDATE=1 makes it new.\n\n${astToString(await openapiTS(document))}`;
	if (process.env.UPDATE === "1") writeFileSync(TYPES, types);
	const checked = spawnSync(process.execPath, [COMPILER, "-p", fileURLToPath(new URL(".", import.meta.url))], {
		encoding: "utf8",
	});
	return { same: readFileSync(TYPES, "utf8") === types, faults: checked.stdout };
}
