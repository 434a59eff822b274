import { beforeEach, expect, test, vi } from "vitest";
import { LoggedLines } from "../src/session/chat-lines";
import { Roll } from "../src/ui/chat/roll";

const LINE_PX = 40;
const SCREEN_PX = 400;

/** A log whose lines are all equally high. */
function logOf(lines: () => number) {
	return {
		scrollTop: 0,
		clientHeight: SCREEN_PX,
		children: [],
		get scrollHeight() {
			return lines() * LINE_PX;
		},
		getBoundingClientRect: () => ({ top: 0, bottom: SCREEN_PX }),
	};
}

function said(count: number): LoggedLines {
	let lines = LoggedLines.none();
	for (let seq = 1; seq <= count; seq += 1)
		lines = lines.plus({ seq, n: null, seat: "agent", text: "a line", at_ms: 0, state: "sent", picture: null });
	return lines;
}

beforeEach(() => {
	vi.stubGlobal("requestAnimationFrame", () => 0);
	vi.stubGlobal("cancelAnimationFrame", () => 0);
});

function shown() {
	let count = 100;
	const log = logOf(() => count);
	const roll = new Roll(said(count));
	const render = (lines: number, own = false): void => {
		count = lines;
		roll.stretch(said(lines), own);
		roll.rendered(log as unknown as HTMLElement);
	};
	roll.rendered(log as unknown as HTMLElement);
	return { log, roll, render };
}

test("a line that comes while somebody scrolls up does not take them back to the end", () => {
	const { log, render } = shown();
	render(101);
	expect(log.scrollTop).toBe(101 * LINE_PX);
	// The browser has scrolled, and its event waits behind the line.
	log.scrollTop = 3_000;
	render(102);
	expect(log.scrollTop).toBe(3_000);
	render(103);
	expect(log.scrollTop).toBe(3_000);
});

test("who reads the end stays there, and an own line leads there", () => {
	const { log, render } = shown();
	// As far as browsers scroll; the end is still seen.
	log.scrollTop = 100 * LINE_PX - SCREEN_PX;
	render(101);
	expect(log.scrollTop).toBe(101 * LINE_PX);
	log.scrollTop = 1_000;
	render(102, true);
	expect(log.scrollTop).toBe(102 * LINE_PX);
});
