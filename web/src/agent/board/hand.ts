// The agent's hand: six tools, used by moving, tapping or keyboard, and a pointer without ink.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Drawing, Shared } from "../../link/picture/contract";
import { labelText } from "../../link/server/text";
import { type Hand, penHand, tellFull } from "../../ui/board/hand";
import type { Ink, Point } from "../../wire/generated";
import { w } from "../words";

export const TOOLS = ["pen", "arrow", "circle", "box", "text", "step"] as const;
export type BoardTool = (typeof TOOLS)[number];
type ShapeTool = "arrow" | "circle" | "box";

/** The agent's hand on one picture. */
export class AgentHand implements Hand {
	readonly tool = signal<BoardTool>("pen");
	/** On a screen without a mouse: fingers point and draw nothing. */
	readonly pointing = signal(false);
	/** Where the first of two taps began a shape. */
	readonly start = signal<Point | null>(null);
	/** Where a text is being written. */
	readonly writing = signal<Point | null>(null);
	/** The keyboard's cursor on the picture. */
	readonly cursor = signal<Point | null>(null);
	/** The newest sentence for screen readers. */
	readonly announcement = signal("");
	readonly inks: ReadonlySignal<readonly Ink[]> = computed(() => this.#inks());
	readonly #shared: Shared;
	readonly #pen: Hand;
	/** Where a mouse or a pen hovers. */
	readonly #over = signal<Point | null>(null);
	/** A shape that is being drawn by moving. */
	readonly #drawing = signal<Drawing | null>(null);
	/** A line of the keyboard. */
	readonly #line = signal<Drawing | null>(null);
	#from: Point = [0, 0];
	#last: Point = [0, 0];
	/** The gesture under way points. */
	#points = false;

	constructor(shared: Shared) {
		this.#shared = shared;
		this.#pen = penHand(shared);
	}

	begin(at: Point, pressure: number | null): void {
		this.#from = this.#last = at;
		this.#over.value = this.cursor.value = null;
		this.#points = this.pointing.peek();
		if (this.#points) this.#point(at);
		else if (this.tool.peek() === "pen") this.#pen.begin(at, pressure);
	}

	add(places: readonly Point[], pressure: readonly number[] | null): void {
		this.#last = places.at(-1) ?? this.#last;
		const chosen = this.tool.peek();
		if (this.#points) this.#point(this.#last);
		else if (chosen === "pen") this.#pen.add(places, pressure);
		else if (isShape(chosen)) {
			const drawing = this.#drawing;
			if (drawing.peek() === null && !tellFull(this.#shared)) drawing.value = this.#shared.draw(chosen, this.#from);
			drawing.peek()?.add(places);
		}
	}

	finish(): void {
		const chosen = this.tool.peek();
		if (this.#points) this.#point(null);
		else if (chosen === "pen") this.#pen.finish();
		else if (isShape(chosen)) {
			this.start.value = null;
			this.#end("finish");
		} else this.#place(this.#last);
	}

	drop(): void {
		if (this.#points) this.#point(null);
		this.#pen.drop();
		this.#line.peek()?.drop();
		this.#line.value = null;
		this.#end("drop");
	}

	tap(at: Point, perhaps: boolean): void {
		if (this.#points) this.#point(null);
		else if (this.tool.peek() === "pen") this.#pen.tap(at, perhaps);
		else {
			this.#end("drop");
			this.#place(at);
		}
	}

	untap(): void {
		this.#pen.untap();
		this.#end("drop");
	}

	takeBack(): void {
		if (this.#points) return;
		if (this.tool.peek() === "pen") this.#pen.takeBack();
		else if (!this.giveUp()) this.#shared.undo();
	}

	hover(at: Point | null): void {
		this.#over.value = at;
		this.#point(at);
	}

	choose(chosen: BoardTool): void {
		this.giveUp();
		this.pointing.value = false;
		this.tool.value = chosen;
	}

	/** The keyboard moved the cursor. */
	moved(to: Point): void {
		this.cursor.value = to;
		this.#over.value = null;
		this.#line.peek()?.add([to]);
		this.#point(to);
		this.announcement.value = w("said_cursor", { x: percent(to[0]), y: percent(to[1]) });
	}

	/** Enter was pressed at the cursor. */
	press(): void {
		const at = this.cursor.peek();
		if (at === null) return;
		if (this.tool.peek() === "pen") this.#pressPen(at);
		else this.#place(at);
	}

	/** Drops what was begun and not finished. Returns whether there was anything. */
	giveUp(): boolean {
		const had = this.start.peek() !== null || this.writing.peek() !== null || this.#line.peek() !== null;
		this.#line.peek()?.drop();
		this.start.value = this.writing.value = this.#line.value = null;
		return had;
	}

	write(text: string): void {
		const at = this.writing.peek();
		this.writing.value = null;
		const words = labelText(text);
		if (at !== null && words !== "") this.#put({ tool: "text", at, text: words });
	}

	/** What is being drawn, with the shape between its first tap and the cursor. */
	#inks(): readonly Ink[] {
		const chosen = this.tool.value;
		const growing = [this.#drawing.value, this.#line.value].flatMap((one) => one?.ink.value ?? []);
		const from = this.start.value;
		const to = this.#over.value ?? this.cursor.value;
		const begun = isShape(chosen) && from !== null && to !== null ? [{ tool: chosen, from, to }] : [];
		return [...this.#pen.inks.value, ...growing, ...begun];
	}

	/** Begins a line of the keyboard, or ends it. */
	#pressPen(at: Point): void {
		const begun = this.#line.peek();
		if (begun === null && tellFull(this.#shared)) return;
		this.#line.value = begun === null ? this.#shared.draw("pen", at) : null;
		begun?.finish();
		this.announcement.value = w(begun === null ? "said_line_start" : "said_pen");
	}

	/** What a tap does with the chosen tool. */
	#place(at: Point): void {
		const chosen = this.tool.peek();
		if (chosen === "text") this.writing.value = at;
		else if (chosen === "step") this.#put({ tool: "step", at, number: this.#shared.nextStep() });
		else if (isShape(chosen)) {
			const begun = this.start.peek();
			this.start.value = begun === null ? at : null;
			if (begun === null) this.announcement.value = w("said_start");
			else this.#put({ tool: chosen, from: begun, to: at });
		}
	}

	#put(ink: Ink): void {
		if (tellFull(this.#shared)) return;
		this.#shared.put(ink);
		this.announcement.value = ink.tool === "step" ? w("said_step", { n: ink.number }) : w(`said_${ink.tool}`);
	}

	#point(at: Point | null): void {
		this.#shared.point("board", at);
	}

	#end(how: "finish" | "drop"): void {
		this.#drawing.peek()?.[how]();
		this.#drawing.value = null;
	}
}

function isShape(tool: BoardTool): tool is ShapeTool {
	return tool === "arrow" || tool === "circle" || tool === "box";
}

const percent = (coordinate: number): number => Math.round((coordinate / 65_535) * 100);
