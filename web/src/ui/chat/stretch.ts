// Which lines of a chat are in the page: a stretch around what is seen, since a chat may have
// thousands. Pure.

import type { ChatLines } from "../../session/chat-lines";
import type { ChatLine } from "../../session/view";

/** The lines from `from` up to and without `to`. */
export interface Stretch {
	from: number;
	to: number;
}

/** The newest lines, more than a phone's screen of them. */
export function lastOf(lines: ChatLines): Stretch {
	return older(lines, { from: lines.length, to: lines.length }, SCREEN_ROWS);
}

export function firstOf(lines: ChatLines): Stretch {
	return newer(lines, { from: 0, to: 0 }, SCREEN_ROWS);
}

/** A stretch with older lines in front, at least one. Few at a time, so that no frame waits. */
export function older(lines: ChatLines, { from, to }: Stretch, rows = STEP_ROWS): Stretch {
	let start = from;
	for (let left = rows; left > 0 && start > 0; start -= 1) left -= rowsOf(lines.at(start - 1));
	return { from: start, to };
}

/** A stretch with newer lines at its end, at least one. */
export function newer(lines: ChatLines, { from, to }: Stretch, rows = STEP_ROWS): Stretch {
	let end = to;
	for (let left = rows; left > 0 && end < lines.length; end += 1) left -= rowsOf(lines.at(end));
	return { from, to: end };
}

/** The stretch of a page that shows the newest lines, when others came or went. */
export function followed(lines: ChatLines, { from, to }: Stretch): Stretch {
	const near = newer(lines, { from, to: Math.min(to, lines.length) }, SCREEN_ROWS);
	return near.to === lines.length && from < near.to ? near : lastOf(lines);
}

/**
 * The stretch of a page that shows older lines, when others came or went. `before`: how many there
 * were.
 */
export function kept(lines: ChatLines, { from, to }: Stretch, before: number): Stretch {
	const end = Math.min(to, lines.length);
	if (from >= end) return lastOf(lines);
	return to === before ? newer(lines, { from, to: end }) : { from, to: end };
}

/** About how many rows a line takes on a phone, with its time and the room around it. */
function rowsOf(line: ChatLine | undefined): number {
	if (line === undefined || line.picture !== null) return PICTURE_ROWS;
	return 2 + line.text.split("\n").reduce((rows, part) => rows + 1 + Math.floor(part.length / LETTERS), 0);
}

const LETTERS = 40;
const PICTURE_ROWS = 10;
const STEP_ROWS = 15;
const SCREEN_ROWS = 60;
