// What the log tells of pictures, their boards and the chat's pictures.

import { expect, test } from "vitest";
import { standing } from "../src/session/boards";
import { Lines } from "../src/session/lines";
import type { Folded } from "../src/session/fold";
import type { PictureView, View } from "../src/session/view";
import type { Event, Seat, EventKind } from "../src/wire/generated";
import { inOrder } from "./events";

function log(...what: EventKind[]): Event[] {
	return what.map((one, at) => ({ seq: at + 1, at_ms: 100 * (at + 1), ...one }) as Event);
}

function view(...what: EventKind[]): Folded {
	return inOrder(log(...what));
}

function only(seen: View): PictureView {
	expect(seen.pictures).toHaveLength(1);
	return seen.pictures[0] as PictureView;
}

const asked: EventKind = { type: "capture_asked", seat: "agent" };
const kept = (low_resolution = false): EventKind => ({
	type: "picture_kept",
	picture: 1,
	width: 1_920,
	height: 1_080,
	low_resolution,
});
const drawn = (seat: Seat, mark: number, picture = 1): EventKind => ({
	type: "drawn",
	seat,
	picture,
	stroke: { mark, tool: "step", at: [1, 2], number: 1 },
});
const back = (type: "undone" | "redone", seat: Seat, ...strokes: number[]): EventKind => ({
	type,
	seat,
	picture: 1,
	strokes,
});
const marks = (seen: View): number[] => standing(only(seen)).map(({ mark }) => mark);

test("the shutter begins a picture named by its event, and opens its board", () => {
	const seen = view({ type: "link_made" }, asked);
	expect(seen.board).toBe(2);
	expect(only(seen)).toEqual({
		id: 2,
		asked_by: "agent",
		source: "camera",
		taken_at_ms: 200,
		utc_offset_min: null,
		at_ms: 200,
		attempt: 1,
		asked_at_ms: 200,
		failed: null,
		base: null,
		touched: 2,
		strokes: [],
	});
});

test("a repeat is counted and clears the failure, and the picture keeps its time", () => {
	const failed: EventKind = { type: "capture_failed", picture: 1, why: "in_background" };
	expect(only(view(asked, failed)).failed).toBe("in_background");
	const again: EventKind = { type: "capture_repeated", seat: "customer", picture: 1, attempt: 2 };
	expect(only(view(asked, failed, again))).toMatchObject({
		at_ms: 100,
		attempt: 2,
		asked_at_ms: 300,
		asked_by: "customer",
		failed: null,
	});
});

test("a sharp picture belongs to the newest request, the agent's frame to the first", () => {
	const again: EventKind = { type: "capture_repeated", seat: "customer", picture: 1, attempt: 2 };
	expect(only(view(asked, kept())).taken_at_ms).toBe(100);
	expect(only(view(asked, again)).taken_at_ms).toBe(100);
	expect(only(view(asked, again, kept())).taken_at_ms).toBe(200);
	expect(only(view(asked, again, kept(true))).taken_at_ms).toBe(100);
	expect(only(view(asked, kept(), again)).taken_at_ms).toBe(100);
	expect(only(view(asked, kept(true), kept())).taken_at_ms).toBe(100);
});

test("the first base wins, and a failure after it is ignored", () => {
	const seen = view(asked, kept(), kept(true), { type: "capture_failed", picture: 1, why: "upload_failed" });
	expect(only(seen)).toMatchObject({ base: { width: 1_920, height: 1_080, low_resolution: false }, failed: null });
});

test("a closed board is kept and can be opened, a deleted one is gone", () => {
	const close: EventKind = { type: "board_closed", seat: "agent", picture: 1 };
	const open: EventKind = { type: "board_opened", seat: "customer", picture: 1 };
	expect(view(asked, drawn("agent", 7), close)).toMatchObject({ board: null, pictures: [{ id: 1 }] });
	expect(view(asked, drawn("agent", 7), close, open).board).toBe(1);
	const gone: EventKind = { type: "picture_deleted", seat: "customer", picture: 1 };
	expect(view(asked, gone, open)).toMatchObject({ board: null, pictures: [] });
});

test("deleting or closing another picture leaves the open board open", () => {
	const close: EventKind = { type: "board_closed", seat: "agent", picture: 1 };
	const gone: EventKind = { type: "picture_deleted", seat: "agent", picture: 1 };
	expect(view(asked, close, asked, close, gone)).toMatchObject({ board: 3, pictures: [{ id: 3 }] });
});

test("what is undone can come back until its author draws again, whatever the other does", () => {
	const undone = [asked, drawn("agent", 10), drawn("customer", 20), back("undone", "agent", 2)];
	expect(marks(view(...undone))).toEqual([20]);
	expect(only(view(...undone)).strokes[0]?.undone).toBe(4);
	expect(marks(view(...undone, drawn("customer", 21), back("redone", "agent", 2)))).toEqual([10, 20, 21]);
	expect(marks(view(...undone, drawn("agent", 11), back("redone", "agent", 2)))).toEqual([20, 11]);
});

test("an undo cannot affect the other person's stroke, whatever the log says", () => {
	expect(marks(view(asked, drawn("agent", 10), back("undone", "customer", 2)))).toEqual([10]);
});

test("clearing takes all strokes for good", () => {
	const cleared: EventKind = { type: "cleared", picture: 1 };
	const seen = view(
		asked,
		drawn("agent", 10),
		back("undone", "agent", 2),
		drawn("customer", 20),
		cleared,
		back("redone", "agent", 2),
	);
	expect(only(seen).strokes).toEqual([]);
});

test("a picture was touched by what changed its strokes, and by nothing else", () => {
	const touched = (...what: EventKind[]): number => only(view(asked, ...what)).touched;
	const said: EventKind = { type: "said", seat: "agent", text: "look" };
	const close: EventKind = { type: "board_closed", seat: "agent", picture: 1 };
	const open: EventKind = { type: "board_opened", seat: "agent", picture: 1 };
	const sent: EventKind = { type: "picture_sent", seat: "agent", picture: 1, through: 1, width: 1, height: 1 };
	const repeated: EventKind = { type: "capture_repeated", seat: "agent", picture: 1, attempt: 2 };
	expect(touched(said, repeated, kept(), sent, close, open)).toBe(1);
	expect(touched(said, drawn("agent", 10), said)).toBe(3);
	expect(touched(drawn("agent", 10), back("undone", "agent", 2), said, close)).toBe(3);
	expect(touched(drawn("agent", 10), back("undone", "agent", 2), back("redone", "agent", 2), open)).toBe(4);
	expect(touched(drawn("agent", 10), { type: "cleared", picture: 1 }, sent)).toBe(3);
	expect(touched(drawn("agent", 10, 9))).toBe(1);
});

test("an event about an unknown picture changes nothing", () => {
	const seen = view(drawn("agent", 1, 9), { type: "cleared", picture: 9 }, { ...kept(), picture: 9 } as EventKind, {
		type: "board_opened",
		seat: "agent",
		picture: 9,
	});
	expect(seen).toMatchObject({ head: 4, pictures: [], board: null });
});

test("a sent picture is a line of the chat, and outlives the picture", () => {
	const seen = view(
		asked,
		{ type: "picture_sent", seat: "customer", picture: 1, through: 1, width: 1_920, height: 1_080 },
		{ type: "picture_deleted", seat: "agent", picture: 1 },
	);
	const line = {
		seq: 2,
		n: null,
		seat: "customer",
		text: "",
		at_ms: 200,
		state: "sent",
		picture: { picture: 1, through: 1, width: 1_920, height: 1_080 },
	};
	expect([...seen.lines]).toEqual([line]);
	const lines = new Lines("customer");
	lines.wrote(1, "", 0, 0);
	expect([...lines.merge(seen).lines]).toMatchObject([line, { seq: null, n: 1 }]);
});

test("the customer's time zone is known from its event on", () => {
	expect(view().utc_offset_min).toBeNull();
	expect(view({ type: "zone_told", utc_offset_min: -570 }).utc_offset_min).toBe(-570);
});

test("a picture keeps the time zone of its newest request", () => {
	const zone = (utc_offset_min: number): EventKind => ({ type: "zone_told", utc_offset_min });
	const base: EventKind = { type: "picture_kept", picture: 2, width: 1, height: 1, low_resolution: false };
	const again: EventKind = { type: "capture_repeated", seat: "agent", picture: 2, attempt: 2 };
	expect(only(view(zone(60), asked, base, zone(120))).utc_offset_min).toBe(60);
	expect(only(view(zone(60), asked, zone(120), base)).utc_offset_min).toBe(60);
	expect(only(view(zone(60), asked, zone(120), again, zone(180))).utc_offset_min).toBe(120);
	const late: EventKind[] = [{ type: "link_made" }, asked, zone(60), zone(120)];
	expect(only(view(...late)).utc_offset_min, "the first one, where none was known").toBe(60);
});
