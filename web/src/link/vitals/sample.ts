// Sums up one report of a peer connection's statistics. Pure.

/** Counters at one moment. Where a browser does not count something, it stays 0 or null. */
export interface Sample {
	at_ms: number;
	/** Packets received, and packets lost on the way here. */
	received: number;
	lost: number;
	/** Counts up while anything of the other person comes: packets of sound, and frames. */
	heard: number;
	/** Of the sound that was played, and of that what was made up because it did not come. */
	sound: number;
	made_up: number;
	/** Frames of the other person that were decoded. */
	frames: number;
	/** How long the other person's picture stood still. */
	frozen_ms: number;
	/** The share of our packets that the other end lost lately, 0..1. */
	lost_there: number;
	/** Estimated uplink, bit/s; null when unknown. */
	up_bps: number | null;
	/** Frames that the own camera gave; null when it is not sent or not counted. */
	camera_frames: number | null;
	/** Frames sent, their bytes, and the sum of how coarsely each was coded, 0 (fine) to 1. */
	frames_sent: number;
	video_bytes: number;
	coarse: number;
	/** Everything sent and received, bytes. */
	bytes: number;
	/** Received, bytes. */
	received_bytes: number;
	/** Counts up while anything comes from the relay, be it a report; 0 if not counted. */
	came: number;
	/** The round trip to the relay, milliseconds; null when unknown. */
	trip_ms: number | null;
}

type Report = Iterable<[string, Readonly<Record<string, unknown>>]>;
type One = Readonly<Record<string, unknown>>;

export function sample(report: Report, at_ms: number): Sample {
	const sum: Sample = {
		at_ms,
		received: 0,
		lost: 0,
		heard: 0,
		sound: 0,
		made_up: 0,
		frames: 0,
		frozen_ms: 0,
		lost_there: 0,
		up_bps: null,
		camera_frames: null,
		frames_sent: 0,
		video_bytes: 0,
		coarse: 0,
		bytes: 0,
		received_bytes: 0,
		came: 0,
		trip_ms: null,
	};
	const all = [...report].map(([, one]) => one);
	const newest = Math.max(...all.map(({ timestamp }) => number(timestamp)));
	for (const one of all) {
		// The other end reports now and then; an old report says nothing of this moment.
		const old = one.type === "remote-inbound-rtp" && newest - number(one.timestamp) > REPORT_MS;
		if (!old) ADD[String(one.type)]?.(sum, one);
	}
	return sum;
}

const ADD: Readonly<Record<string, (sum: Sample, one: One) => void>> = {
	"inbound-rtp"(sum, one) {
		sum.received += number(one.packetsReceived);
		sum.lost += number(one.packetsLost);
		const bytes = number(one.bytesReceived) + number(one.headerBytesReceived);
		sum.received_bytes += bytes;
		sum.bytes += bytes;
		if (one.kind === "audio") {
			sum.heard += number(one.packetsReceived);
			sum.sound += number(one.totalSamplesReceived);
			sum.made_up += number(one.concealedSamples) - number(one.silentConcealedSamples);
		} else {
			sum.heard += Math.max(number(one.framesReceived), number(one.framesDecoded));
			sum.frames += number(one.framesDecoded);
			sum.frozen_ms += number(one.totalFreezesDuration) * 1000;
		}
	},
	"remote-inbound-rtp"(sum, one) {
		sum.lost_there = Math.max(sum.lost_there, number(one.fractionLost));
	},
	"outbound-rtp"(sum, one) {
		sum.bytes += number(one.bytesSent) + number(one.headerBytesSent);
		if (one.kind !== "video") return;
		sum.frames_sent += number(one.framesSent);
		sum.video_bytes += number(one.bytesSent);
		sum.coarse += number(one.qpSum) / QP_MAX;
	},
	"media-source"(sum, one) {
		if (one.kind === "video" && typeof one.frames === "number") sum.camera_frames = one.frames;
	},
	"candidate-pair"(sum, one) {
		if (one.nominated !== true) return;
		sum.came += number(one.bytesReceived);
		if ("availableOutgoingBitrate" in one) sum.up_bps = number(one.availableOutgoingBitrate);
		if ("currentRoundTripTime" in one) sum.trip_ms = 1000 * number(one.currentRoundTripTime);
	},
};

function number(value: unknown): number {
	return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** Of VP8; H.264 ends at 51, so its pictures count as finer than they are. */
const QP_MAX = 127;
const REPORT_MS = 2_500;
