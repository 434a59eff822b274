// A drawing in progress, cut into messages that may be lost.

import { type Ink, LINE_PLACE_MAX, LINE_POINTS_MAX, type Passing } from "../wire/generated";

/**
 * What there is to pass on of one drawing: a `Pen` or a `Shape`, whose line is only ever added to.
 */
export class Pieces {
	readonly #picture: number;
	readonly #mark: number;
	readonly #drawing: { readonly ink: Ink };
	#step = 0;
	/** Points of a pen passed on. */
	#taken = 0;
	/** Corners of a shape passed on. */
	#last = "";

	constructor(picture: number, mark: number, drawing: { readonly ink: Ink }) {
		this.#picture = picture;
		this.#mark = mark;
		this.#drawing = drawing;
	}

	/**
	 * What is new since the last taking, or null. More than one message holds comes with the next
	 * taking.
	 */
	take(): Passing | null {
		const ink = this.#drawing.ink;
		if (ink.tool === "text" || ink.tool === "step") return null;
		const head = { type: "ink" as const, picture: this.#picture, mark: this.#mark, step: this.#step };
		if (ink.tool !== "pen") {
			const { tool, from, to } = ink;
			const corners = `${from},${to}`;
			if (corners === this.#last) return null;
			this.#last = corners;
			this.#step += 1;
			return { ...head, tool, from, to };
		}
		const start = Math.max(0, this.#taken - REPEATED);
		const end = Math.min(ink.line.length / 2, LINE_PLACE_MAX + 1, start + LINE_POINTS_MAX);
		if (end <= this.#taken) return null;
		this.#taken = end;
		this.#step += 1;
		const piece = { ...head, tool: "pen" as const, start, line: ink.line.slice(2 * start, 2 * end) };
		return ink.pressure === undefined ? piece : { ...piece, pressure: ink.pressure.slice(start, end) };
	}

	/** The word that the drawing was given up. */
	dropped(): Passing {
		return { type: "dropped", picture: this.#picture, mark: this.#mark };
	}
}

/** Points said again, so that the loss of one message is made good by the next. */
const REPEATED = 8;
