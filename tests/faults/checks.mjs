// What must hold after every fault (the invariants of a log): nothing acknowledged is lost, doubled
// or out of order, every page has the same events, and all of it belongs to this call.

import { isDeepStrictEqual } from "node:util";

/** @typedef {import("./page.mjs").Event} Event */

/** Events whose fields both seats see alike. */
const SHARED = /^(said|drawn|undone|redone|cleared|capture_|picture_|board_)/;

/** Events of commands that a page gives one after the other. */
const IN_TURN = /^(said|drawn|picture_sent|picture_kept)$/;

/**
 * Compares what was acknowledged with the log.
 * @param {import("./people.mjs").Acked[]} acked
 * @param {Event[]} log
 */
export function compare(acked, log) {
	const found = new Map();
	for (const event of log) {
		const name = nameOf(event);
		if (name !== null) found.set(name, [...(found.get(name) ?? []), event.seq]);
	}
	const lost = [];
	const disordered = [];
	const newest = {};
	for (const { seat, kind, key, head } of acked.filter((one) => !isCounted(one.kind))) {
		const name = `${kind} ${key}`;
		const [seq] = found.get(name) ?? [];
		if (seq === undefined) lost.push(name);
		else if (seq > head) disordered.push(`${name} came after its acknowledgement`);
		else if (IN_TURN.test(kind) && seq < (newest[seat] ?? 0)) disordered.push(`${name} came before an earlier one`);
		if (IN_TURN.test(kind) && seq !== undefined) newest[seat] = seq;
	}
	const doubled = [...found].filter(([, seqs]) => seqs.length > 1).map(([name]) => name);
	for (const kind of ["undone", "redone"]) {
		for (const seat of ["agent", "customer"]) {
			const of_seat = (one) => one.seat === seat;
			const told = acked.filter((one) => one.kind === kind && of_seat(one)).length;
			const there = log.filter((event) => event.type === kind && of_seat(event)).length;
			if (there > told) doubled.push(`${there - told} of ${kind}`);
		}
	}
	return { lost, doubled, disordered };
}

/** Names what must be there once, or null. @param {Event} event */
function nameOf(event) {
	if (event.type === "said") return `said ${event.text}`;
	if (event.type === "drawn") return `drawn ${event.stroke.mark}`;
	if (event.type === "picture_sent") return `picture_sent ${event.picture}-${event.through}`;
	if (event.type === "picture_kept" || event.type === "picture_deleted") return `${event.type} ${event.picture}`;
	if (event.type === "capture_asked") return `capture_asked ${event.seq}`;
	return null;
}

/** These events have no name, so they are counted. With nothing to undo no event follows. */
function isCounted(kind) {
	return kind === "undone" || kind === "redone";
}

/**
 * Returns the broken invariants of a log and its copies.
 * @param {string} session
 * @param {Event[]} log from the API
 * @param {{ who: string, log: Event[] }[]} copies
 */
export function brokenIn(session, log, copies) {
	const broken = [];
	for (const { who, log: own } of [{ who: "the store", log }, ...copies]) {
		const gap = own.findIndex((event, at) => event.seq !== at + 1);
		if (gap !== -1) broken.push(`${who}: gap before event ${own[gap].seq}`);
		if (own.length !== log.length) broken.push(`${who} has ${own.length} of ${log.length} events`);
		const other = own.find((event, at) => !isSame(event, log[at]));
		if (other !== undefined) broken.push(`${who}: another event ${other.seq}`);
		if (boardOf(own) !== boardOf(log)) broken.push(`${who}: another board`);
	}
	const back = log.findIndex((event, at) => at > 0 && event.at_ms < log[at - 1].at_ms);
	if (back !== -1) broken.push(`event ${log[back].seq} is earlier than the one before`);
	const foreign = log.find((event) => event.type === "said" && !event.text.startsWith(session));
	if (foreign !== undefined) broken.push("a line of another call");
	if (log.some((event) => event.type === "ended")) broken.push("the call ended");
	return [...broken, ...effectsBeforeCauses(log)];
}

function isSame(event, other) {
	if (other === undefined || event.type !== other.type) return false;
	return !SHARED.test(event.type) || isDeepStrictEqual(event, other);
}

/** An undo names earlier strokes, a stroke an earlier picture. @param {Event[]} log */
function effectsBeforeCauses(log) {
	const broken = [];
	const before = (seq, event, type) => seq < event.seq && log[seq - 1].type === type;
	for (const event of log) {
		if (event.picture !== undefined && !before(event.picture, event, "capture_asked"))
			broken.push(`event ${event.seq} is about a later picture`);
		for (const stroke of event.strokes ?? [])
			if (!before(stroke, event, "drawn")) broken.push(`event ${event.seq} is about a later stroke`);
	}
	return broken;
}

/** The strokes that stand on each picture, as text. @param {Event[]} log */
function boardOf(log) {
	const standing = new Map();
	for (const event of log) {
		if (event.type === "drawn") standing.set(event.seq, event);
		if (event.type === "undone") for (const stroke of event.strokes) standing.delete(stroke);
		if (event.type === "redone") for (const stroke of event.strokes) standing.set(stroke, log[stroke - 1]);
		if (event.type === "cleared" || event.type === "picture_deleted")
			for (const [stroke, drawn] of standing) if (drawn.picture === event.picture) standing.delete(stroke);
	}
	const strokes = [...standing.values()].sort((a, b) => a.seq - b.seq);
	return JSON.stringify(strokes.map((event) => [event.picture, event.seat, event.stroke]));
}
