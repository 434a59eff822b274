// Strokes the other person is drawing, put together from messages that come late, twice, in any
// order or not at all.

import { type Ink, LINE_PLACE_MAX, type Passing } from "../wire/generated";

type InkPassing = Extract<Passing, { type: "ink" }>;

/** A stroke in progress, to be painted. */
export interface GrowingStroke {
	readonly mark: number;
	readonly ink: Ink;
}

/** Time comes in as milliseconds of any clock that never goes back. */
export class Growing {
	readonly #strokes = new Map<string, Grown>();
	/** Finished or given up: what still comes of them is late. Oldest first. */
	readonly #gone = new Set<string>();
	#shown: { picture: number; strokes: readonly GrowingStroke[] } | null = null;

	/** Takes a message that was checked. Whether anything changed. */
	take(passing: Passing, now: number): boolean {
		if (passing.type === "dropped") return this.drop(passing.picture, passing.mark);
		if (passing.type !== "ink") return false;
		const key = `${passing.picture}/${passing.mark}`;
		if (this.#gone.has(key)) return false;
		let grown = this.#strokes.get(key);
		if (grown === undefined) {
			if (this.#strokes.size >= GROWING_MAX) this.#forgetOldest();
			grown = new Grown(passing.picture, passing.mark);
			this.#strokes.set(key, grown);
		}
		grown.heard_at = now;
		if (!grown.take(passing)) return false;
		this.#shown = null;
		return true;
	}

	/** The log tells the finished stroke. Whether anything changed. */
	finished(picture: number, mark: number): boolean {
		return this.drop(picture, mark);
	}

	/** It was given up. Whether anything changed. */
	drop(picture: number, mark: number): boolean {
		const key = `${picture}/${mark}`;
		this.#gone.add(key);
		for (const oldest of this.#gone) {
			if (this.#gone.size <= GONE_MAX) break;
			this.#gone.delete(oldest);
		}
		if (!this.#strokes.delete(key)) return false;
		this.#shown = null;
		return true;
	}

	/**
	 * Forgets what grows elsewhere than on this picture, or all with null. Whether anything
	 * changed.
	 */
	keepOnly(picture: number | null): boolean {
		let changed = false;
		for (const [key, grown] of this.#strokes) {
			if (grown.picture === picture) continue;
			this.#strokes.delete(key);
			changed = true;
		}
		if (changed) this.#shown = null;
		return changed;
	}

	/** Lets go what nothing was heard of. When to look again; null while nothing grows. */
	expire(now: number): number | null {
		let again_at: number | null = null;
		for (const [key, grown] of this.#strokes) {
			const at = grown.heard_at + SILENT_MS;
			if (at > now) again_at = Math.min(again_at ?? at, at);
			else {
				this.#strokes.delete(key);
				this.#shown = null;
			}
		}
		return again_at;
	}

	/** What grows on a picture, as it was begun. The identical array while nothing changed. */
	shown(picture: number): readonly GrowingStroke[] {
		if (this.#shown?.picture !== picture) {
			const strokes = [...this.#strokes.values()].filter((grown) => grown.picture === picture);
			this.#shown = { picture, strokes: strokes.map((grown) => grown.shown) };
		}
		return this.#shown.strokes;
	}

	#forgetOldest(): void {
		let oldest: [string, Grown] | null = null;
		for (const one of this.#strokes) if (oldest === null || one[1].heard_at < oldest[1].heard_at) oldest = one;
		if (oldest !== null) this.#strokes.delete(oldest[0]);
	}
}

/** One stroke, as far as it is known. */
class Grown {
	readonly picture: number;
	heard_at = 0;
	readonly #mark: number;
	/** The newest shape, or the newest piece of a line. */
	#newest: InkPassing | null = null;
	/** Points of a line by their place. */
	readonly #points = new Map<number, { x: number; y: number; pressure: number | null; step: number }>();
	#shown: GrowingStroke | null = null;

	constructor(picture: number, mark: number) {
		this.picture = picture;
		this.#mark = mark;
	}

	take(passing: InkPassing): boolean {
		const newer = this.#newest === null || passing.step > this.#newest.step;
		// A page does not change the tool on the way: whoever does is shown by their newest word.
		if (this.#newest !== null && passing.tool !== this.#newest.tool && !newer) return false;
		if (newer) this.#newest = passing;
		const changed = passing.tool === "pen" ? this.#points_of(passing) : newer;
		if (changed) this.#shown = null;
		return changed;
	}

	get shown(): GrowingStroke {
		this.#shown ??= { mark: this.#mark, ink: this.#ink() };
		return this.#shown;
	}

	#points_of(piece: Extract<InkPassing, { tool: "pen" }>): boolean {
		let changed = false;
		const felt = piece.pressure?.length === piece.line.length / 2 ? piece.pressure : null;
		for (let at = 0; 2 * at + 1 < piece.line.length && piece.start + at <= LINE_PLACE_MAX; at += 1) {
			const known = this.#points.get(piece.start + at);
			if (known !== undefined && known.step >= piece.step) continue;
			const point = {
				x: piece.line[2 * at] ?? 0,
				y: piece.line[2 * at + 1] ?? 0,
				pressure: felt?.[at] ?? null,
				step: piece.step,
			};
			this.#points.set(piece.start + at, point);
			changed ||=
				known === undefined || known.x !== point.x || known.y !== point.y || known.pressure !== point.pressure;
		}
		return changed;
	}

	/** What is missing of a line is bridged straight. */
	#ink(): Ink {
		const newest = this.#newest;
		if (newest !== null && newest.tool !== "pen") return { tool: newest.tool, from: newest.from, to: newest.to };
		const points = [...this.#points].sort(([a], [b]) => a - b).map(([, point]) => point);
		const line = points.flatMap(({ x, y }) => [x, y]);
		if (points.every(({ pressure }) => pressure === null)) return { tool: "pen", line };
		return { tool: "pen", line, pressure: points.map(({ pressure }) => pressure ?? PLAIN) };
	}
}

const GROWING_MAX = 16;
const GONE_MAX = 256;
const SILENT_MS = 10_000;
/** Half of full: the plain width. */
const PLAIN = 128;
