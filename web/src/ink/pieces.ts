// Cuts a drawing in progress into messages that may be lost.

import { type Ink, LINE_PLACE_MAX, LINE_POINTS_MAX, type Passing } from "../wire/generated";

/** The messages of one drawing: a `Pen`, whose line only grows, or a `Shape`. */
export class Pieces {
	readonly #picture: number;
	readonly #mark: number;
	readonly #drawing: { readonly ink: Ink };
	#step = 0;
	/** How many points of a pen were passed on. */
	#taken = 0;
	/** The corners of a shape passed on last. */
	#last = "";
	/** The newest message. */
	#sent: Passing | null = null;

	constructor(picture: number, mark: number, drawing: { readonly ink: Ink }) {
		this.#picture = picture;
		this.#mark = mark;
		this.#drawing = drawing;
	}

	/** Returns a message with what is new, or null. What does not fit comes with the next one. */
	take(): Passing | null {
		const piece = this.#cut();
		this.#sent = piece ?? this.#sent;
		return piece;
	}

	/** Returns what is new, or the newest message again: it says that the drawing is finished. */
	done(): Passing | null {
		const last = this.take() ?? this.#sent;
		return last?.type === "ink" ? { ...last, done: true } : null;
	}

	/** Says that the drawing was given up. */
	dropped(): Passing {
		return { type: "dropped", picture: this.#picture, mark: this.#mark };
	}

	#cut(): Passing | null {
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
}

/** Points that are repeated, so that the next message makes up for a lost one. */
const REPEATED = 8;
