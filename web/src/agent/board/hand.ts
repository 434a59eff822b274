// The agent's hand: six tools, drawn by moving or placed by tapping and by keyboard, and a pointer
// that leaves no ink.

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Drawing, Shared } from "../../link/picture/contract";
import { type Hand, penHand, tellFull } from "../../ui/board/hand";
import { type Ink, LABEL_TEXT_MAX, type Point } from "../../wire/generated";
import { w } from "../words";

export const TOOLS = ["pen", "arrow", "circle", "box", "text", "step"] as const;
export type Tool = (typeof TOOLS)[number];
type Shape = "arrow" | "circle" | "box";

export interface AgentHand extends Hand {
	readonly tool: Signal<Tool>;
	/** On a screen without a mouse: fingers point and draw nothing. */
	readonly pointing: Signal<boolean>;
	/** Set by the first of two taps. */
	readonly start: ReadonlySignal<Point | null>;
	/** Where a text is being written. */
	readonly writing: ReadonlySignal<Point | null>;
	/** The keyboard's place on the picture. */
	readonly cursor: Signal<Point | null>;
	/** The newest thing to be read out. */
	readonly said: ReadonlySignal<string>;
	choose(tool: Tool): void;
	/** The keyboard's place went somewhere. */
	moved(to: Point): void;
	/** Enter at the keyboard's place. */
	press(): void;
	/** Takes back what was begun and not finished; false when there was nothing. */
	giveUp(): boolean;
	write(text: string): void;
	say(words: string): void;
}

export function agentHand(shared: Shared): AgentHand {
	const pen = penHand(shared);
	const tool = signal<Tool>("pen");
	const pointing = signal(false);
	const start = signal<Point | null>(null);
	const over = signal<Point | null>(null);
	const writing = signal<Point | null>(null);
	const cursor = signal<Point | null>(null);
	const said = signal("");
	const drawing = signal<Drawing | null>(null);
	/** A line of the keyboard. */
	const line = signal<Drawing | null>(null);
	let from: Point = [0, 0];
	let last: Point = [0, 0];
	/** The gesture under way points. */
	let points = false;

	const inks = computed<readonly Ink[]>(() => {
		const chosen = tool.value;
		const growing = [drawing.value, line.value].flatMap((one) => one?.ink.value ?? []);
		const to = over.value ?? cursor.value;
		const begun =
			isShape(chosen) && start.value !== null && to !== null ? [{ tool: chosen, from: start.value, to }] : [];
		return [...pen.inks.value, ...growing, ...begun];
	});

	const point = (at: Point | null): void => shared.point("board", at);
	const put = (ink: Ink): void => {
		if (tellFull(shared)) return;
		shared.put(ink);
		said.value = ink.tool === "step" ? w("said_step", { n: ink.number }) : w(`said_${ink.tool}`);
	};
	/** What a tap does with the chosen tool. */
	const place = (at: Point): void => {
		const chosen = tool.peek();
		if (chosen === "text") writing.value = at;
		else if (chosen === "step") put({ tool: "step", at, number: shared.nextStep() });
		else if (isShape(chosen)) {
			const begun = start.peek();
			start.value = begun === null ? at : null;
			if (begun === null) said.value = w("said_start");
			else put({ tool: chosen, from: begun, to: at });
		}
	};
	const end = (how: "finish" | "drop"): void => {
		drawing.peek()?.[how]();
		drawing.value = null;
	};
	const giveUp = (): boolean => {
		const had = start.peek() !== null || writing.peek() !== null || line.peek() !== null;
		line.peek()?.drop();
		start.value = writing.value = line.value = null;
		return had;
	};

	return {
		inks,
		tool,
		pointing,
		start,
		writing,
		cursor,
		said,
		begin(at, pressure) {
			from = last = at;
			over.value = cursor.value = null;
			points = pointing.peek();
			if (points) point(at);
			else if (tool.peek() === "pen") pen.begin(at, pressure);
		},
		add(places, pressure) {
			last = places.at(-1) ?? last;
			if (points) return point(last);
			const chosen = tool.peek();
			if (chosen === "pen") return pen.add(places, pressure);
			if (!isShape(chosen)) return;
			if (drawing.peek() === null && !tellFull(shared)) drawing.value = shared.draw(chosen, from);
			drawing.peek()?.add(places);
		},
		finish() {
			if (points) return point(null);
			const chosen = tool.peek();
			if (chosen === "pen") pen.finish();
			else if (isShape(chosen)) {
				start.value = null;
				end("finish");
			} else place(last);
		},
		drop() {
			if (points) point(null);
			pen.drop();
			line.peek()?.drop();
			line.value = null;
			end("drop");
		},
		tap(at, perhaps) {
			if (points) return point(null);
			if (tool.peek() === "pen") return pen.tap(at, perhaps);
			end("drop");
			place(at);
		},
		untap() {
			pen.untap();
			end("drop");
		},
		hover(at) {
			over.value = at;
			point(at);
		},
		choose(chosen) {
			giveUp();
			pointing.value = false;
			tool.value = chosen;
		},
		moved(to) {
			cursor.value = to;
			over.value = null;
			line.peek()?.add([to]);
			point(to);
			said.value = w("said_cursor", { x: percent(to[0]), y: percent(to[1]) });
		},
		press() {
			const at = cursor.peek();
			if (at === null) return;
			if (tool.peek() !== "pen") return place(at);
			const begun = line.peek();
			if (begun === null && tellFull(shared)) return;
			line.value = begun === null ? shared.draw("pen", at) : null;
			begun?.finish();
			said.value = w(begun === null ? "said_line_start" : "said_pen");
		},
		giveUp,
		write(text) {
			const at = writing.peek();
			writing.value = null;
			const words = text
				.replace(/\p{Cc}/gu, " ")
				.trim()
				.slice(0, LABEL_TEXT_MAX)
				.trim();
			if (at !== null && words !== "") put({ tool: "text", at, text: words });
		},
		say(words) {
			said.value = words;
		},
	};
}

function isShape(tool: Tool): tool is Shape {
	return tool === "arrow" || tool === "circle" || tool === "box";
}

const percent = (coordinate: number): number => Math.round((coordinate / 65_535) * 100);
