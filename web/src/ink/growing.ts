// Strokes that the other person is drawing, assembled from messages that may be late, repeated, out
// of order or lost.

import { type Ink, LINE_PLACE_MAX, type Passing } from "../wire/generated";

type InkPassing = Extract<Passing, { type: "ink" }>;

/** A stroke in progress. */
export interface GrowingStroke {
	readonly mark: number;
	readonly ink: Ink;
}

/** Times are milliseconds of any clock that never goes back. */
export class Growing {
	readonly #strokes = new Map<string, Grown>();
	/** Finished or given up, oldest first: later messages about them are ignored. */
	readonly #gone = new Set<string>();
	#shown: { picture: number; strokes: readonly GrowingStroke[] } | null = null;

	/** Takes a validated message. Returns whether anything changed. */
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
		grown.updated_at = now;
		if (passing.done === true) grown.done = true;
		if (!grown.take(passing)) return false;
		this.#shown = null;
		return true;
	}

	/** The finished stroke is in the log. Returns whether anything changed. */
	finished(picture: number, mark: number): boolean {
		return this.drop(picture, mark);
	}

	/** The stroke was given up. Returns whether anything changed. */
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

	/** Forgets strokes on other pictures; on all with null. Returns whether anything changed. */
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

	/**
	 * Forgets what is still being drawn, but not what is finished. Returns whether anything
	 * changed.
	 */
	dropUnfinished(): boolean {
		let changed = false;
		for (const [key, grown] of this.#strokes) {
			if (grown.done) continue;
			this.#strokes.delete(key);
			changed = true;
		}
		if (changed) this.#shown = null;
		return changed;
	}

	/**
	 * The log goes on with what its author did: finished strokes come with it soon, or never.
	 */
	settle(now: number): void {
		for (const grown of this.#strokes.values()) {
			if (!grown.done) continue;
			grown.done = false;
			grown.updated_at = now;
		}
	}

	/**
	 * Drops silent strokes that are not finished: the log has the last word on those that are.
	 * Returns when to call again; null while nothing expires.
	 */
	expire(now: number): number | null {
		let again_at: number | null = null;
		for (const [key, grown] of this.#strokes) {
			if (grown.done) continue;
			const at = grown.updated_at + SILENT_MS;
			if (at > now) again_at = Math.min(again_at ?? at, at);
			else {
				this.#strokes.delete(key);
				this.#shown = null;
			}
		}
		return again_at;
	}

	/** Strokes in progress on a picture, oldest first. The same array while nothing changes. */
	shown(picture: number): readonly GrowingStroke[] {
		if (this.#shown?.picture !== picture) {
			const strokes = [...this.#strokes.values()].filter((grown) => grown.picture === picture);
			this.#shown = { picture, strokes: strokes.map((grown) => grown.shown) };
		}
		return this.#shown.strokes;
	}

	#forgetOldest(): void {
		let oldest: [string, Grown] | null = null;
		for (const one of this.#strokes) if (oldest === null || one[1].updated_at < oldest[1].updated_at) oldest = one;
		if (oldest !== null) this.#strokes.delete(oldest[0]);
	}
}

/** One stroke, as far as it arrived. */
class Grown {
	readonly picture: number;
	updated_at = 0;
	/** Its author finished it; the log is to tell. */
	done = false;
	readonly #mark: number;
	/** The newest shape, or the newest piece of a line. */
	#newest: InkPassing | null = null;
	/** Points of a line by their index. */
	readonly #points = new Map<number, { x: number; y: number; pressure: number | null; step: number }>();
	#shown: GrowingStroke | null = null;

	constructor(picture: number, mark: number) {
		this.picture = picture;
		this.#mark = mark;
	}

	take(passing: InkPassing): boolean {
		const newer = this.#newest === null || passing.step > this.#newest.step;
		// Pages do not change the tool within a stroke. If one does, the newest message wins.
		if (this.#newest !== null && passing.tool !== this.#newest.tool && !newer) return false;
		if (newer) this.#newest = passing;
		const changed = passing.tool === "pen" ? this.#addPoints(passing) : newer;
		if (changed) this.#shown = null;
		return changed;
	}

	get shown(): GrowingStroke {
		this.#shown ??= { mark: this.#mark, ink: this.#ink() };
		return this.#shown;
	}

	#addPoints(piece: Extract<InkPassing, { tool: "pen" }>): boolean {
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

	/** Gaps in a line are bridged straight. */
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
/** Half the range: the plain width. */
const PLAIN = 128;
