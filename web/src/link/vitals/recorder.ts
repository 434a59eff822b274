// Sums up for the call's record how the call runs: a moment for every 20 seconds. Pure.

import { type Moment, MOMENTS_MAX } from "../../wire/generated";
import type { Sample } from "./sample";

export class Recorder {
	/** The beginning of the moment that is being measured. */
	#from: Sample | null = null;
	#moments: Moment[] = [];
	#taken_at: number | null = null;

	/** `rung` of the own camera; null without one. */
	add(now: Sample, rung: number | null): void {
		this.#taken_at ??= now.at_ms;
		this.#from ??= now;
		const from = this.#from;
		const span_ms = now.at_ms - from.at_ms;
		if (span_ms < MOMENT_MS) return;
		this.#from = now;
		// A page at rest measures nothing.
		if (span_ms > 2 * MOMENT_MS) return;
		this.#moments = [...this.#moments, moment(from, now, rung)].slice(-MOMENTS_MAX);
	}

	/** Counters start again with a new peer connection. */
	restart(): void {
		this.#from = null;
	}

	/** The moments since the last time, once a minute; otherwise null. */
	take(now_ms: number): Moment[] | null {
		if (this.#moments.length === 0 || now_ms - (this.#taken_at ?? now_ms) < TAKE_MS) return null;
		this.#taken_at = now_ms;
		return this.#moments.splice(0);
	}
}

function moment(from: Sample, now: Sample, rung: number | null): Moment {
	const lost = Math.max(0, now.lost - from.lost);
	return {
		frozen_ms: whole(now.frozen_ms - from.frozen_ms),
		made_up: perMille(now.made_up - from.made_up, now.sound - from.sound),
		kbit: whole((8 * (now.received_bytes - from.received_bytes)) / (now.at_ms - from.at_ms)),
		lost: perMille(lost, lost + now.received - from.received),
		...(now.trip_ms !== null && { trip_ms: whole(now.trip_ms) }),
		...(rung !== null && { rung }),
	};
}

function perMille(part: number, all: number): number {
	return all <= 0 ? 0 : Math.min(1000, whole((1000 * part) / all));
}

/** As the wire takes it. */
function whole(value: number): number {
	return Number.isFinite(value) ? Math.min(U16_MAX, Math.max(0, Math.round(value))) : 0;
}

const MOMENT_MS = 20_000;
/** Pings are 25 s apart: two of three carry nothing. */
const TAKE_MS = 60_000;
const U16_MAX = 65_535;
