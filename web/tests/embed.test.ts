import { expect, test } from "vitest";
import type { SignsIn } from "../embed";
import { read } from "../src/agent/embed/messages";
import { newsOf, type Seen } from "../src/agent/embed/news";

const TOKEN: SignsIn = { sightline: 1, type: "token", token: "1.e30.c2ln" };
const CALL = "AAAAAAAAAAAAAAAAAAAAAA";

test("a token comes with what the form begins with", () => {
	const prefill = { number: "+4915112345678", reference: "CLAIM-2026-1", language: "de" };
	const said = { ...TOKEN, prefill, call: CALL };
	expect(read(said)).toEqual(said);
	expect(read(TOKEN)).toEqual({ ...TOKEN, prefill: {} });
	expect(read({ sightline: 1, type: "sign-out", token: "x" })).toEqual({ sightline: 1, type: "sign-out" });
});

test.each([
	[undefined],
	[null],
	["token"],
	[[TOKEN]],
	[{ ...TOKEN, sightline: 2 }],
	[{ ...TOKEN, sightline: "1" }],
	[{ ...TOKEN, type: "ready" }],
	[{ ...TOKEN, token: "" }],
	[{ ...TOKEN, token: 7 }],
	[{ ...TOKEN, token: "a".repeat(2_049) }],
])("%j is no message of ours", (data) => {
	expect(read(data)).toBeNull();
});

test.each([
	[{ prefill: "all" }],
	[{ prefill: { number: 49, reference: ["CLAIM-2026-1"], language: {} } }],
	[{ prefill: { number: "1".repeat(161), reference: "a".repeat(21), language: "a".repeat(13) } }],
	[{ call: `${CALL}#keys` }],
	[{ call: "../agent" }],
	[{ call: 1 }],
])("beside a token, %j is left out", (more) => {
	expect(read({ ...TOKEN, ...more })).toEqual({ ...TOKEN, prefill: {} });
});

const WAITING: Seen = { live: false, pictures: 0, ended: false };
const LIVE: Seen = { ...WAITING, live: true };

test.each<[string, Seen | null, Seen, string[]]>([
	["a call that waits", null, WAITING, []],
	["the customer comes", WAITING, LIVE, ["joined"]],
	["the customer came while the frame loaded", null, LIVE, ["joined"]],
	["nothing changed", LIVE, LIVE, []],
	["two pictures at once", LIVE, { ...LIVE, pictures: 2 }, ["picture", "picture"]],
	["pictures of before a reload", null, { ...LIVE, pictures: 2 }, ["joined"]],
	["a picture was deleted", { ...LIVE, pictures: 2 }, { ...LIVE, pictures: 1 }, []],
	["the end", LIVE, { ...LIVE, ended: true }, ["ended"]],
	["the end of an invite", WAITING, { ...WAITING, ended: true }, ["ended"]],
	["all at once", WAITING, { live: true, pictures: 1, ended: true }, ["joined", "picture", "ended"]],
	["a call of yesterday", null, { ...LIVE, ended: true }, []],
	["after the end", { ...LIVE, ended: true }, { ...LIVE, ended: true, pictures: 1 }, []],
])("%s", (_, before, now, news) => {
	expect(newsOf(before, now)).toEqual(news);
});
