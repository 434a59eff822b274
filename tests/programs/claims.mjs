// @ts-check
// A claims system: it makes the invite, hears how the call went, and fetches the case.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

/** @typedef {import("./client.mjs").Api} Api */

/** @typedef {import("./v1.d.ts").components["schemas"]["Invited"]} Invited */

/** A fixed line, which a text message hardly reaches. */
const FIXED_LINE = "+4930123456";
const MOBILE = "+4915112340077";
export const REFERENCE = "CLAIM-2026-77";

/**
 * Invites by a number that was mistyped at first, and once more under the same name, as after a
 * lost answer.
 * @param {Api} api
 * @param {string | null} agent the agent's subject at the provider
 * @returns {Promise<Invited>}
 */
export async function invites(api, agent) {
	const wish = { reference: REFERENCE, ...(agent === null ? {} : { agent }) };
	const unlikely = await api.POST("/api/v1/invites", { body: { ...wish, number: FIXED_LINE } });
	assert.equal(unlikely.response.status, 422);
	assert.equal(unlikely.error?.code, "number_unlikely");
	assert.equal(unlikely.error.reading?.kind, "fixed_line");

	const once = { params: { header: { "Idempotency-Key": randomUUID() } }, body: { ...wish, number: MOBILE } };
	const first = done(await api.POST("/api/v1/invites", once));
	const again = done(await api.POST("/api/v1/invites", once));
	assert.equal(again.id, first.id);
	assert.notEqual(again.link, first.link);
	assert.equal(again.code, first.code);
	const other = await api.POST("/api/v1/invites", { ...once, body: { ...once.body, reference: "CLAIM-2026-78" } });
	assert.equal(other.error?.code, "key_reused");
	return first;
}

/**
 * Asks for what cannot be had while the call runs.
 * @param {Api} api
 * @param {string} id
 */
export async function waits(api, id) {
	const params = { path: { id } };
	assert.equal(done(await api.GET("/api/v1/calls/{id}", { params })).phase, "live");
	for (const early of [
		await api.GET("/api/v1/calls/{id}/case", { params }),
		await api.DELETE("/api/v1/calls/{id}", { params }),
	]) {
		assert.equal(early.error?.code, "call_running");
	}
	assert.equal((await api.POST("/api/v1/invites/{id}/send", { params, body: {} })).error?.code, "already_joined");
}

/**
 * Reads how the call went, writes a note, and fetches its pictures and its case file.
 * @param {Api} api
 * @param {string} id
 * @returns {Promise<{ picture: Uint8Array, file: Uint8Array }>}
 */
export async function reads(api, id) {
	const params = { path: { id } };
	const found = done(await api.GET("/api/v1/calls", { params: { query: { search: REFERENCE, pictures: true } } }));
	assert.deepEqual(
		found.calls.map((call) => [call.id, call.phase, call.reason, call.pictures]),
		[[id, "ended", "agent_ended", 1]],
	);
	const added = done(await api.POST("/api/v1/calls/{id}/notes", { params, body: { text: "Paid." } }));
	assert.equal(added.notes.at(-1)?.texts[0]?.text, "Paid.");
	const edit = { params: { path: { id, n: 1 } }, body: { text: "Paid in part." } };
	const { notes } = done(await api.PUT("/api/v1/calls/{id}/notes/{n}", edit));
	assert.deepEqual(
		notes[0]?.texts.map(({ text }) => text),
		["Paid.", "Paid in part."],
	);
	const [picture] = done(await api.GET("/api/v1/calls/{id}/pictures", { params })).pictures;
	assert.ok(picture?.base !== undefined, "the picture is kept");
	return { picture: await bytes(picture.base), file: await caseFile(api, id) };
}

/**
 * @param {Api} api
 * @param {string} id
 */
export async function erases(api, id) {
	const params = { path: { id } };
	assert.equal(done(await api.DELETE("/api/v1/calls/{id}", { params })).id, id);
	assert.equal((await api.GET("/api/v1/calls/{id}", { params })).error?.code, "not_found");
}

/**
 * Fetches the case file without the key: its address is enough.
 * @param {Api} api
 * @param {string} id
 */
async function caseFile(api, id) {
	for (;;) {
		const { response } = await api.GET("/api/v1/calls/{id}/case", { params: { path: { id } } });
		if (response.status === 303) return await bytes(response.headers.get("location") ?? "", response.url);
		assert.equal(response.status, 202);
		await new Promise((over) => setTimeout(over, 1_000 * Number(response.headers.get("retry-after"))));
	}
}

/**
 * @param {string} address
 * @param {string} [from]
 */
async function bytes(address, from) {
	const answer = await fetch(new URL(address, from));
	assert.ok(answer.ok, `${answer.status} for what is kept`);
	return new Uint8Array(await answer.arrayBuffer());
}

/**
 * @template T
 * @param {{ data?: T, error?: unknown }} answer
 * @returns {NonNullable<T>}
 */
function done({ data, error }) {
	assert.ok(data !== undefined && data !== null, JSON.stringify(error));
	return data;
}
