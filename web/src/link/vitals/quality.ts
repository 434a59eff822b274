// Decides from the counters of a peer connection whether the link is weak. Pure.

/** Counters at one moment. */
export interface Sample {
	at_ms: number;
	/** Packets received, and packets lost on the way here. */
	received: number;
	lost: number;
	/** How long the other person's picture stood still. */
	frozen_ms: number;
	/** The share of our packets that the other end lost lately, 0..1. */
	lost_there: number;
	/** Estimated uplink, bit/s; null when unknown. */
	up_bps: number | null;
	/** Frames sent. */
	frames_sent: number;
}

/** What is known from elsewhere at the moment of a sample. */
export interface Context {
	/** Estimated downlink according to the relay, bit/s. */
	down_bps: number | null;
	/** The other person's camera is on. */
	picture: boolean;
}

/** Turns samples into `weak`, with a memory so that it does not flicker. */
export class Quality {
	#before: Sample | null = null;
	#bad = 0;
	#good = 0;
	weak = false;

	add(now: Sample, context: Context): void {
		const before = this.#before;
		this.#before = now;
		if (before === null) return;
		if (isBad(before, now, context)) {
			this.#bad += 1;
			this.#good = 0;
		} else {
			this.#good += 1;
			this.#bad = 0;
		}
		if (this.#bad >= BAD_SAMPLES) this.weak = true;
		if (this.#good >= GOOD_SAMPLES) this.weak = false;
	}

	/** Counters start again with a new peer connection. */
	restart(): void {
		this.#before = null;
		this.#bad = 0;
	}
}

export function isBad(before: Sample, now: Sample, context: Context): boolean {
	const received = now.received - before.received;
	const lost = Math.max(0, now.lost - before.lost);
	const seconds = Math.max(0.001, (now.at_ms - before.at_ms) / 1000);
	if (received + lost >= PACKETS_MIN && lost / (received + lost) > LOSS_MAX) return true;
	if (now.lost_there > LOSS_MAX) return true;
	if ((now.frozen_ms - before.frozen_ms) / 1000 / seconds > FROZEN_SHARE_MAX) return true;
	const sending = now.frames_sent > before.frames_sent;
	if (sending && now.up_bps !== null && now.up_bps < RATE_MIN_BPS) return true;
	return context.picture && context.down_bps !== null && context.down_bps < RATE_MIN_BPS;
}

/** Sums up one report. */
export function sample(report: Iterable<[string, Record<string, unknown>]>, at_ms: number): Sample {
	const sum: Sample = { at_ms, received: 0, lost: 0, frozen_ms: 0, lost_there: 0, up_bps: null, frames_sent: 0 };
	for (const [, one] of report) {
		const value = (name: string): number => (typeof one[name] === "number" ? one[name] : 0);
		if (one.type === "inbound-rtp") {
			sum.received += value("packetsReceived");
			sum.lost += value("packetsLost");
			sum.frozen_ms += value("totalFreezesDuration") * 1000;
		} else if (one.type === "remote-inbound-rtp") {
			sum.lost_there = Math.max(sum.lost_there, value("fractionLost"));
		} else if (one.type === "outbound-rtp") {
			sum.frames_sent += value("framesSent");
		} else if (one.type === "candidate-pair" && one.nominated === true && "availableOutgoingBitrate" in one) {
			sum.up_bps = value("availableOutgoingBitrate");
		}
	}
	return sum;
}

const LOSS_MAX = 0.1;
const RATE_MIN_BPS = 250_000;
const FROZEN_SHARE_MAX = 0.25;
/** From fewer packets no share is computed. */
const PACKETS_MIN = 20;
const BAD_SAMPLES = 2;
const GOOD_SAMPLES = 3;
