// The page's reader of case files is held to the same table as the program's.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { coded } from "../src/verify/findings";
import { type Jwk, keysOf } from "../src/verify/jws";
import { type Verdict, verify } from "../src/verify/verify";
import { chosen, en, filled, LANGUAGES } from "../src/verify/words";

interface Table {
	readonly key: Jwk;
	readonly zip: string;
	readonly tampered: readonly {
		readonly name: string;
		readonly findings: readonly string[];
		readonly at: number;
		readonly removed: number;
		readonly added: string;
	}[];
}

const path = new URL("../../functions/host/samples/case/tampered.json", import.meta.url);
const table: Table = JSON.parse(readFileSync(path, "utf8"));
const zip = Buffer.from(table.zip, "base64");

const codes = (verdict: Verdict) => (verdict.is === "changed" ? verdict.findings.map(coded).sort() : [verdict.is]);

test("what was made is unchanged and says where and when", async () => {
	const verdict = await verify(new Blob([zip]), [table.key]);
	const business = "Example Bagging-Date: 1999-01-01";
	const origin = { deployment: "https://help.example.com", business, made: "2026-11-28T02:05:09Z" };
	expect(verdict).toEqual({ is: "unchanged", origin });
	expect(await verify(new Blob([zip]), null)).toMatchObject({ is: "unknown_key", origin });
	expect(codes(await verify(new Blob([zip]), []))).toEqual([expect.stringMatching(/^other_key /)]);
});

test.each(table.tampered)("found: $name", async ({ at, removed, added, findings }) => {
	const file = Buffer.concat([zip.subarray(0, at), Buffer.from(added, "base64"), zip.subarray(at + removed)]);
	expect(codes(await verify(new Blob([file]), [table.key]))).toEqual(findings);
});

test("a change of any byte is found", async () => {
	for (let place = 0; place < zip.length; place += 7) {
		const file = Buffer.from(zip);
		file[place] = (file[place] ?? 0) ^ 1;
		const verdict = await verify(new Blob([file]), [table.key]);
		expect(verdict.is, String(place)).toBe("changed");
	}
});

test("keys of a set are P-256 keys", () => {
	const rsa = { kty: "RSA", n: "AQAB", e: "AQAB" };
	expect(keysOf({ keys: [table.key, rsa, { ...table.key, x: "short" }, null] })).toEqual([table.key]);
	for (const nothing of [null, [], {}, { keys: 1 }, "keys"]) expect(keysOf(nothing)).toEqual([]);
});

test("every language says the same with the same values", () => {
	const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([value]) => value).sort();
	for (const [language, words] of Object.entries(LANGUAGES)) {
		for (const [key, text] of Object.entries(en)) {
			const said = words[key as keyof typeof en];
			expect(values(said), `${language} ${key}`).toEqual(values(text));
			if (language !== "en") expect(said, `${language} ${key}`).not.toBe(text);
		}
	}
	expect(chosen(["nl", "de-CH"])[0]).toBe("de");
	expect(chosen(["nl"])[0]).toBe("en");
	expect(filled(en.changed, { name: "{name}" })).toBe("{name} was changed.");
});
