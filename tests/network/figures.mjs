// Figures of a span of a call. Pure.

/** A gap of at least this many milliseconds between two frames is a freeze. */
export const FREEZE_MS = 300;

/**
 * @typedef {object} Figures
 * @property {number} fps
 * @property {number} freezes gaps of {@link FREEZE_MS} and more
 * @property {number} frozen_percent time in such gaps
 * @property {number} longest_ms longest time without a new frame
 * @property {number} kbit of video, bit rate
 * @property {number} made_up_percent sound that was concealed
 * @property {string} size of most frames
 * @property {string} says what the page said, with shares
 */

/**
 * @param {{ frames: import("./watch.mjs").Frame[], samples: import("./watch.mjs").Sample[] }} seen
 * @param {number} from
 * @param {number} to
 * @returns {Figures}
 */
export function figures({ frames, samples }, from, to) {
	const shown = frames.filter(({ at }) => at >= from && at <= to);
	const times = [from, ...shown.map(({ at }) => at), to];
	const gaps = times.slice(1).map((at, place) => at - times[place]);
	const frozen = gaps.filter((gap) => gap >= FREEZE_MS);
	const span = samples.filter(({ at }) => at >= from && at <= to);
	const [first, last] = [span[0], span.at(-1)];
	const seconds = (to - from) / 1000;
	const more = (name) => (span.length < 2 ? 0 : Math.max(0, last[name] - first[name]));
	return {
		fps: shown.length / seconds,
		freezes: frozen.length,
		frozen_percent: (100 * sum(frozen)) / (to - from),
		longest_ms: Math.max(...gaps),
		kbit: span.length < 2 ? 0 : (more("video_bytes") * 8) / (last.at - first.at),
		made_up_percent: more("audio_samples") === 0 ? 100 : (100 * more("audio_concealed")) / more("audio_samples"),
		size: most(shown.map(({ wide, high }) => `${wide}x${high}`)),
		says: shares(span.map(({ says }) => says)),
	};
}

/** A gap that begins later after a fault is not the fault's. */
const FAULT_MS = 3_000;

/**
 * How long after a time pictures came without a freeze again.
 * @param {import("./watch.mjs").Frame[]} frames
 */
export function backAfter(frames, time) {
	const ends = frames.slice(1).flatMap(({ at }, place) => {
		const before = frames[place].at;
		return at > time && before < time + FAULT_MS && at - before >= FREEZE_MS ? [at] : [];
	});
	const next = ends.at(-1) ?? frames.find(({ at }) => at > time)?.at;
	return next === undefined ? Number.POSITIVE_INFINITY : next - time;
}

/**
 * How long after a time the bit rate over one second reached a share of what it was.
 * @param {import("./watch.mjs").Sample[]} samples
 */
export function rateBackAfter(samples, time, kbit) {
	for (const [place, sample] of samples.entries()) {
		const before = samples.findLast((earlier, at) => at < place && sample.at - earlier.at >= 1000);
		if (before === undefined || before.at < time) continue;
		if ((8 * (sample.video_bytes - before.video_bytes)) / (sample.at - before.at) >= kbit) return sample.at - time;
	}
	return Number.POSITIVE_INFINITY;
}

/** @param {number[]} values */
export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** @param {number[]} values */
function sum(values) {
	return values.reduce((all, value) => all + value, 0);
}

function counted(values) {
	const counts = new Map();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return [...counts].sort(([, a], [, b]) => b - a);
}

function most(values) {
	return counted(values)[0]?.[0] ?? "none";
}

function shares(values) {
	return counted(values)
		.map(([value, count]) => `${value || "nothing"} ${Math.round((100 * count) / values.length)}`)
		.join(", ");
}
