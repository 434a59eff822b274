// The attacks by the number or letter of the finding that each repeats, and what is too much.

const BOTH = ["desk", "gateway"];
const DESK = ["desk"];

/** @typedef {{ key: string, name: string, on: string[] }} Attack */

/** @type {Attack[]} */
export const ATTACKS = [
	{ key: "1", name: "1: offers that grow on the way", on: BOTH },
	{ key: "2a", name: "2a: 200,000 streams", on: BOTH },
	{ key: "2b", name: "2b: checks from thousands of ports", on: BOTH },
	{ key: "2c", name: "2c: 60,000 channels", on: BOTH },
	{ key: "2d", name: "2d: beginnings of associations", on: BOTH },
	{ key: "2e", name: "2e: messages on both channels", on: BOTH },
	{ key: "2e-packets", name: "2e: packets beyond the rate", on: BOTH },
	{ key: "3", name: "3: messages that were lines of the log", on: BOTH },
	{ key: "7", name: "7, F2: checks with a forged sender", on: BOTH },
	{ key: "13", name: "13: offers over 16 sockets", on: BOTH },
	{ key: "A-pings", name: "A: pings", on: DESK },
	{ key: "A-fragments", name: "A: empty fragments", on: DESK },
	{ key: "B", name: "B: handshakes without a cookie", on: DESK },
	{ key: "C", name: "C: uploads that hang", on: DESK },
	{ key: "D", name: "D: guests of a neighbour's link", on: DESK },
	{ key: "E", name: "E: idle connections", on: DESK },
];

/** What an attack may add to the delay of packets, ms. */
const LATER_MS_MAX = 5;
/** What a machine that does everything at once may lose by itself. A working attack takes most. */
const LOST_SHARE_MAX = 0.005;
const GROWN_MIB_MAX = 48;
/** A call site writes 60 lines at once, and then one a second. */
const LINES_MAX = 150;

/** What neighbours noticed that they must not notice. */
export function judged(row, { delays }) {
	const { before, during } = row;
	const wrong = [];
	if (during.lost > (delays ? before.lost : during.sent * LOST_SHARE_MAX))
		wrong.push(`${during.lost} of ${during.sent} packets are lost`);
	if (during.dropped > 0) wrong.push(`${during.dropped} transports ended`);
	if (during.cuts > 0) wrong.push(`${during.cuts} sockets closed`);
	if (before.pictures > 0 && during.pictures === 0) wrong.push("no picture arrives");
	if (during.chats === 0) wrong.push("no line of chat is answered");
	if (row.grown > GROWN_MIB_MAX) wrong.push(`memory grows by ${Math.round(row.grown)} MiB`);
	if (row.lines > LINES_MAX) wrong.push(`${row.lines} lines are logged`);
	if (delays && during.p99_ms > before.p99_ms + LATER_MS_MAX)
		wrong.push(`99 % of packets arrive within ${during.p99_ms.toFixed(1)} ms, before ${before.p99_ms.toFixed(1)} ms`);
	return wrong;
}
