// Shows that the checks find what they look for, before they are believed: one log that is as it
// must be, and one for each fault that a log can have.

import assert from "node:assert/strict";
import { brokenIn, compare } from "./checks.mjs";

const SESSION = "s";

/** A call of two lines, a picture with two strokes, and one of them taken back. */
const GOOD = [
	{ type: "joined" },
	{ type: "said", seat: "agent", text: "s agent 1" },
	{ type: "capture_asked", seat: "agent" },
	{ type: "picture_kept", picture: 3 },
	{ type: "drawn", seat: "agent", picture: 3, stroke: { mark: 1 } },
	{ type: "drawn", seat: "agent", picture: 3, stroke: { mark: 2 } },
	{ type: "undone", seat: "agent", picture: 3, strokes: [6] },
	{ type: "said", seat: "agent", text: "s agent 2" },
].map((event, at) => ({ seq: at + 1, at_ms: 1_000 + at, ...event }));

const TOLD = [
	["said", "s agent 1"],
	["capture_asked", "3"],
	["picture_kept", "3"],
	["drawn", "1"],
	["drawn", "2"],
	["undone", ""],
	["said", "s agent 2"],
].map(([kind, key]) => ({ seat: /** @type {const} */ ("agent"), kind, key, head: 8 }));

/** Throws unless each fault of a log is found, and none in a good one. */
export function prove() {
	const found = (log, copy = log) => {
		const { lost, doubled, disordered } = compare(TOLD, log);
		const broken = brokenIn(SESSION, log, [{ who: "a page", log: copy }]);
		return [lost, doubled, disordered, broken].map((list) => list.length > 0);
	};
	const changed = (seq, change) => GOOD.map((event) => (event.seq === seq ? { ...event, ...change } : event));
	const swapped = [...GOOD.slice(0, 1), ...GOOD.slice(7), ...GOOD.slice(2, 7), ...GOOD.slice(1, 2)];
	const twice = [...GOOD, { ...GOOD[7], seq: 9 }];
	assert.deepEqual(found(GOOD), [false, false, false, false]);
	assert.deepEqual(found(GOOD.slice(0, 7)), [true, false, false, false], "a line is lost");
	assert.deepEqual(found(twice), [false, true, false, false], "a line is there twice");
	assert.equal(found([...GOOD, { ...GOOD[6], seq: 9 }])[1], true, "undone twice");
	const renumbered = swapped.map((event, at) => ({ ...event, seq: at + 1, at_ms: 1_000 + at }));
	assert.equal(found(renumbered)[2], true, "two lines changed places");
	assert.equal(compare([{ ...TOLD[0], head: 1 }], GOOD).disordered.length, 1, "acknowledged too early");
	for (const [what, log, copy] of [
		["a page lacks an event", GOOD, GOOD.slice(0, 7)],
		["a page has another line", GOOD, changed(2, { text: "s agent x" })],
		["a gap", GOOD.filter((event) => event.seq !== 4), undefined],
		["time goes back", changed(5, { at_ms: 1 }), undefined],
		["a line of another call", changed(2, { text: "t agent 1" }), undefined],
		["the call ended", changed(1, { type: "ended" }), undefined],
		["an undo of a later stroke", changed(7, { strokes: [8] }), undefined],
	])
		assert.equal(found(log, copy)[3], true, what);
}
