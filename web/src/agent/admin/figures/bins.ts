// The names of a histogram's bins.

import type { FigureBin } from "../../../wire/generated";
import { a } from "../words";
import type { Bar } from "./Chart";

const MINUTE = 60;

/** Bins of seconds: "0–30 s", "1–2 min", "60 min or more". */
export function secondBars(bins: readonly FigureBin[]): Bar[] {
	return named(bins, (from, below) => {
		if (below === undefined) return a("bin_min_more", { n: from / MINUTE });
		const isShort = below <= MINUTE && from < MINUTE;
		if (isShort) return a("bin_s", { from, to: below });
		return a("bin_min", { from: from / MINUTE, to: below / MINUTE });
	});
}

/** Bins of whole numbers: "2", "3–5", "11 or more". */
export function numberBars(bins: readonly FigureBin[]): Bar[] {
	return named(bins, (from, below) => {
		if (below === undefined) return a("bin_more", { n: from });
		return below - from === 1 ? String(from) : a("bin_numbers", { from, to: below - 1 });
	});
}

function named(bins: readonly FigureBin[], name: (from: number, below: number | undefined) => string): Bar[] {
	return bins.map(({ below, calls }, at) => ({ name: name(bins[at - 1]?.below ?? 0, below), calls }));
}
