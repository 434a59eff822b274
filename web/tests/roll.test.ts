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

/** A log that lays out the lines of a roll's stretch as a browser does. */
class LongLog {
	readonly clientHeight = SCREEN_PX;
	readonly lines: LoggedLines;
	scrollTop = 0;
	children: LaidOut[] = [];

	constructor(count: number) {
		this.lines = said(count);
	}

	get scrollHeight(): number {
		return this.children.length * LINE_PX;
	}

	getBoundingClientRect = () => ({ top: 0, bottom: SCREEN_PX });

	/** Renders as the component does; returns what to call before it renders again. */
	renders(roll: Roll): () => void {
		const { from, to } = roll.stretch(this.lines, null);
		const before = this.children;
		this.children = Array.from({ length: to - from }, (_, index) => {
			const at = from + index;
			return before.find((one) => one.at === at) ?? new LaidOut(this, at);
		});
		return roll.rendered(this as unknown as HTMLElement);
	}
}

class LaidOut {
	readonly #log: LongLog;
	readonly at: number;

	constructor(log: LongLog, at: number) {
		this.#log = log;
		this.at = at;
	}

	get isConnected(): boolean {
		return this.#log.children.includes(this);
	}

	getBoundingClientRect() {
		const top = this.#log.children.indexOf(this) * LINE_PX - this.#log.scrollTop;
		return { top, bottom: top + LINE_PX };
	}

	contains(): boolean {
		return false;
	}
}

function said(count: number): LoggedLines {
	let lines = LoggedLines.none();
	for (let seq = 1; seq <= count; seq += 1)
		lines = lines.plus({ seq, n: null, seat: "agent", text: "a line", at_ms: 0, state: "sent", picture: null });
	return lines;
}

const frames = new Map<number, () => void>();
let asked = 0;

/** The browser shows what was rendered. */
function frame(): void {
	const due = [...frames.values()];
	frames.clear();
	for (const then of due) then();
}

beforeEach(() => {
	vi.stubGlobal("document", { activeElement: null });
	frames.clear();
	vi.stubGlobal("requestAnimationFrame", (then: () => void) => {
		frames.set(++asked, then);
		return asked;
	});
	vi.stubGlobal("cancelAnimationFrame", (one: number) => frames.delete(one));
});

function shown() {
	let count = 100;
	const log = logOf(() => count);
	const roll = new Roll(said(count));
	let over = roll.rendered(log as unknown as HTMLElement);
	/** As the component does, up to the frame. */
	const becomes = (lines: number, own: string | null = null): void => {
		count = lines;
		roll.stretch(said(lines), own);
		over();
		over = roll.rendered(log as unknown as HTMLElement);
	};
	const render = (lines: number, own: string | null = null): void => {
		becomes(lines, own);
		frame();
	};
	frame();
	return { log, roll, becomes, render };
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

test("who scrolls up between a line and the frame that shows it stays there", () => {
	const { log, roll, becomes } = shown();
	log.scrollTop = 100 * LINE_PX - SCREEN_PX;
	roll.scrolled();
	becomes(101);
	log.scrollTop -= SCREEN_PX;
	const place = log.scrollTop;
	roll.scrolled();
	frame();
	expect(log.scrollTop).toBe(place);
	becomes(102);
	frame();
	expect(log.scrollTop).toBe(place);
});

test("a press leads to the end, and an own line does, even where somebody scrolls until the frame", () => {
	const { log, roll, becomes } = shown();
	log.scrollTop = 2_000;
	roll.scrolled();
	roll.toEnd();
	becomes(100);
	log.scrollTop = 1_900;
	becomes(101);
	frame();
	expect(log.scrollTop).toBe(101 * LINE_PX);
	log.scrollTop = 2_000;
	roll.scrolled();
	becomes(102, "n1");
	log.scrollTop = 1_900;
	becomes(103, "n1");
	frame();
	expect(log.scrollTop).toBe(103 * LINE_PX);
});

test("lines that come in above undo no scroll of the time between", () => {
	const log = new LongLog(1_000);
	const roll = new Roll(log.lines);
	let over = log.renders(roll);
	frame();
	over();
	over = log.renders(roll);
	const lines = log.children.length;
	log.scrollTop = SCREEN_PX / 2;
	roll.scrolled();
	const seen = log.children[5];
	// What stays in its place is chosen. The page renders later, and scrolls until then.
	log.scrollTop -= 150;
	roll.scrolled();
	over();
	log.renders(roll);
	expect(log.children.length).toBeGreaterThan(lines);
	expect(seen?.getBoundingClientRect().top).toBe(150);
	frame();
	expect(seen?.getBoundingClientRect().top).toBe(150);
});

test("who comes down to lines that are to be rendered below does not follow the newest yet", () => {
	const log = new LongLog(40);
	const roll = new Roll(log.lines);
	let over = log.renders(roll);
	const renders = (): void => {
		over();
		over = log.renders(roll);
	};
	frame();
	roll.toStart();
	renders();
	frame();
	const isLast = (): boolean => roll.stretch(log.lines, null).to === log.lines.length;
	while (!isLast()) {
		renders();
		log.scrollTop = log.scrollHeight - SCREEN_PX - 100;
		roll.scrolled();
	}
	// The last lines are chosen and not rendered. Meanwhile the end of the others is reached.
	log.scrollTop = log.scrollHeight - SCREEN_PX;
	roll.scrolled();
	renders();
	const { scrollTop } = log;
	roll.stretch(said(41), null);
	renders();
	frame();
	expect(log.scrollTop).toBe(scrollTop);
});

test("who reads the end stays there, and an own line leads there", () => {
	const { log, render } = shown();
	// As far as browsers scroll; the end is still seen.
	log.scrollTop = 100 * LINE_PX - SCREEN_PX;
	render(101);
	expect(log.scrollTop).toBe(101 * LINE_PX);
	log.scrollTop = 1_000;
	render(102, "n1");
	expect(log.scrollTop).toBe(102 * LINE_PX);
});

test("an own line that is still on its way leads nobody to the end again", () => {
	const { log, roll, render } = shown();
	render(101, "n1");
	log.scrollTop = 1_000;
	roll.scrolled();
	render(102, "n1");
	expect(log.scrollTop).toBe(1_000);
	render(103, "n2");
	expect(log.scrollTop).toBe(103 * LINE_PX);
});

test("lines that come within one frame, and a scroll that the browser tells before it, still lead to the end", () => {
	const { log, roll, becomes } = shown();
	log.scrollTop = 100 * LINE_PX - SCREEN_PX;
	roll.scrolled();
	becomes(101);
	becomes(103);
	roll.scrolled();
	expect(log.scrollTop).toBe(100 * LINE_PX - SCREEN_PX);
	frame();
	expect(log.scrollTop).toBe(103 * LINE_PX);
	becomes(104);
	frame();
	expect(log.scrollTop).toBe(104 * LINE_PX);
});

test("screen readers do not say the lines that are there at first, and say those that come", () => {
	const { roll, becomes } = shown();
	const first = new Roll(said(3));
	expect(first.quiet.value).toBe(true);
	first.rendered(logOf(() => 3) as unknown as HTMLElement);
	expect(first.quiet.value).toBe(true);
	frame();
	expect(first.quiet.value).toBe(false);
	// Older ones come in above.
	roll.toStart();
	expect(roll.quiet.value).toBe(true);
	becomes(100);
	frame();
	expect(roll.quiet.value).toBe(false);
});
