// How a call ran, from what its pages told. Pure.

import type { MinuteQuality, Moment } from "../../wire/generated";

/** Some 20 seconds of one direction. */
export interface QualityPoint extends Moment {
	at_ms: number;
	weak: boolean;
}

/** What is said of a whole direction. */
export interface QualitySum {
	kbit: number;
	/** Per cent. */
	lost: number;
	trip_ms: number | null;
	frozen_ms: number;
	/** Stretches of weak moments, begin and end. */
	weak: readonly (readonly [number, number])[];
}

export function pointsOf(minutes: readonly MinuteQuality[]): QualityPoint[] {
	return minutes.flatMap(({ at_ms, moments }) =>
		moments.map((moment, index) => ({ ...moment, at_ms: at_ms + index * MOMENT_MS, weak: isWeak(moment) })),
	);
}

/** What a person notices: a picture that stands still, words made up, answers that wait. */
function isWeak({ frozen_ms, made_up, lost, trip_ms }: Moment): boolean {
	return frozen_ms >= 2_000 || made_up >= 50 || lost >= 100 || (trip_ms ?? 0) >= 600;
}

export function sumOf(points: readonly QualityPoint[]): QualitySum {
	const trips = points.map((point) => point.trip_ms).filter((ms) => ms !== undefined);
	const weak: [number, number][] = [];
	for (const { at_ms } of points.filter((point) => point.weak)) {
		const last = weak.at(-1);
		if (last !== undefined && at_ms <= last[1] + MOMENT_MS / 2) last[1] = at_ms + MOMENT_MS;
		else weak.push([at_ms, at_ms + MOMENT_MS]);
	}
	return {
		kbit: median(points.map((point) => point.kbit)) ?? 0,
		lost: (median(points.map((point) => point.lost)) ?? 0) / 10,
		trip_ms: median(trips),
		frozen_ms: points.reduce((sum, point) => sum + point.frozen_ms, 0),
		weak,
	};
}

/** The points of a line in a box, `x,y` each; a gap in time begins a new line. */
export function linesOf(points: readonly QualityPoint[], width: number, height: number): string[] {
	const [first, last] = [points[0], points.at(-1)];
	if (first === undefined || last === undefined) return [];
	const span = Math.max(MOMENT_MS, last.at_ms + MOMENT_MS - first.at_ms);
	const most = Math.max(100, ...points.map((point) => point.kbit));
	const lines: string[][] = [];
	let before = Number.NEGATIVE_INFINITY;
	for (const { at_ms, kbit } of points) {
		if (at_ms - before > MOMENT_MS * 4) lines.push([]);
		before = at_ms;
		const x = (width * (at_ms + MOMENT_MS / 2 - first.at_ms)) / span;
		lines.at(-1)?.push(`${x.toFixed(1)},${(height - (height * kbit) / most).toFixed(1)}`);
	}
	return lines.map((line) => line.join(" "));
}

/** Where weak stretches lie in a box of this width: begin and length. */
export function marksOf(points: readonly QualityPoint[], width: number): (readonly [number, number])[] {
	const [first, last] = [points[0], points.at(-1)];
	if (first === undefined || last === undefined) return [];
	const span = Math.max(MOMENT_MS, last.at_ms + MOMENT_MS - first.at_ms);
	return sumOf(points).weak.map(([from, to]) => [
		(width * (from - first.at_ms)) / span,
		Math.max(1, (width * (to - from)) / span),
	]);
}

function median(values: readonly number[]): number | null {
	const sorted = [...values].sort((one, other) => one - other);
	return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

const MOMENT_MS = 20_000;
