// One RTCPeerConnection to one relay: its m-lines, its channels, its offer. `peer.ts` decides when
// to build another one.

import type { Beat, RelayId } from "../../wire/generated";

/** The person's own tracks. */
export interface Tracks {
	audio: MediaStreamTrack | null;
	video: MediaStreamTrack | null;
}

/** What is sent of the camera at most. */
export interface Limits {
	/** The shorter side of the picture, however the phone is held. */
	lines: number;
	/** Frames a second. */
	fps: number;
	/** Bit/s. */
	bps: number;
}

export interface LegEvents {
	beat(leg: Leg, beat: Beat): void;
	/** A message of the other person. */
	text(text: string): void;
	/** `connectionState` changed. */
	changed(leg: Leg): void;
}

export class Leg {
	readonly pc: RTCPeerConnection;
	readonly live: RTCDataChannel;
	readonly sure: RTCDataChannel;
	/** The offer; null while it is being made. */
	sdp: string | null = null;
	/** The attempt under which it was last sent. */
	attempt: number | null = null;
	/** The relay it was offered to last. */
	relay: RelayId | null = null;
	answered = false;
	connected_at: number | null = null;
	beat_at: number | null = null;
	/** When anything came over it, as far as that is counted. */
	came_at = Number.NEGATIVE_INFINITY;
	#limits: Limits = { lines: 720, fps: 30, bps: 1_800_000 };
	readonly #audio: RTCRtpTransceiver;
	readonly #video: RTCRtpTransceiver;

	/**
	 * The relay requires this order of m-lines: audio, video, application. On a thin link sound is
	 * not sent twice: that costs 30 kbit/s, and can be chosen once a leg.
	 */
	constructor(pc: RTCPeerConnection, hears: LegEvents, thin = false) {
		this.pc = pc;
		this.#audio = pc.addTransceiver("audio", { direction: "sendrecv" });
		this.#video = pc.addTransceiver("video", { direction: "sendrecv" });
		prefer(this.#audio, "audio", (codec) => isWantedSound(codec, thin));
		prefer(this.#video, "video", isWantedVideo);
		this.live = pc.createDataChannel("live", { ordered: false, maxRetransmits: 0 });
		this.sure = pc.createDataChannel("sure", { ordered: true });
		for (const channel of [this.live, this.sure]) {
			channel.binaryType = "arraybuffer";
			channel.onmessage = ({ data }) => {
				if (typeof data === "string") {
					hears.text(data);
					return;
				}
				const beat = channel === this.live ? beatOf(data) : null;
				if (beat !== null) hears.beat(this, beat);
			};
		}
		pc.onconnectionstatechange = () => hears.changed(this);
	}

	get audioTrack(): MediaStreamTrack {
		return this.#audio.receiver.track;
	}

	get videoTrack(): MediaStreamTrack {
		return this.#video.receiver.track;
	}

	/** When the relay was heard last; 0 before. */
	get heard_at(): number {
		return Math.max(this.beat_at ?? 0, this.connected_at ?? 0);
	}

	/** When there was a sign of life: a beat, or anything else that came. */
	get lived_at(): number {
		return Math.max(this.heard_at, this.came_at);
	}

	get connected(): boolean {
		return this.pc.connectionState === "connected";
	}

	/**
	 * Makes the one offer, without candidates: the relay answers to where a check comes from, and a
	 * machine with many networks has more of them than a message holds.
	 */
	async offer(): Promise<void> {
		const offer = await this.pc.createOffer();
		await this.pc.setLocalDescription(offer);
		this.sdp = offer.sdp ?? null;
	}

	async answer(sdp: string): Promise<void> {
		this.answered = true;
		await this.pc.setRemoteDescription({ type: "answer", sdp });
		await this.#shape();
	}

	async carry(tracks: Tracks): Promise<void> {
		// A closed connection refuses; its successor carries the tracks.
		await this.#audio.sender.replaceTrack(tracks.audio).catch(() => undefined);
		await this.#video.sender.replaceTrack(tracks.video).catch(() => undefined);
		if (this.answered) await this.#scale();
	}

	async limit(limits: Limits): Promise<void> {
		this.#limits = limits;
		if (this.answered) await this.#shapeVideo();
	}

	/** Frames of the other person decoded so far. */
	async frames(): Promise<number> {
		try {
			let frames = 0;
			const report = await this.#video.receiver.getStats();
			for (const one of report.values()) {
				if (one.type === "inbound-rtp" && typeof one.framesDecoded === "number") frames += one.framesDecoded;
			}
			return frames;
		} catch {
			return 0;
		}
	}

	close(): void {
		this.pc.onconnectionstatechange = null;
		this.live.onmessage = null;
		this.sure.onmessage = null;
		this.pc.close();
	}

	/** Prefers sound to picture, and sharpness to frame rate. */
	async #shape(): Promise<void> {
		await shape(this.#audio.sender, (one) => {
			one.priority = "high";
			one.networkPriority = "high";
		});
		await this.#shapeVideo();
	}

	async #shapeVideo(): Promise<void> {
		const { bps, fps } = this.#limits;
		await shape(
			this.#video.sender,
			(one) => {
				one.maxBitrate = bps;
				one.maxFramerate = fps * FRAMES_MARGIN;
			},
			"maintain-resolution",
		);
		await this.#scale();
	}

	/**
	 * Scales down what is sent: a camera may give more, and stills are taken from all of it. Each
	 * camera has its own size.
	 */
	async #scale(): Promise<void> {
		const scale = scaleOf(this.#video.sender.track?.getSettings?.() ?? {}, this.#limits.lines);
		// In a call of its own, so that a browser that cannot scale still takes the rest.
		await shape(this.#video.sender, (one) => {
			one.scaleResolutionDownBy = scale;
		});
	}
}

/**
 * The factor by which a picture of this size is scaled down; 1 where it is small enough or its size
 * is not known.
 */
export function scaleOf({ width, height }: MediaTrackSettings, lines = 720): number {
	// The shorter side, however the phone is held.
	const side = Math.min(width ?? 0, height ?? 0);
	return Math.max(1, side / lines);
}

async function shape(
	sender: RTCRtpSender,
	change: (encoding: RTCRtpEncodingParameters) => void,
	degradation?: "maintain-resolution",
): Promise<void> {
	try {
		// `degradationPreference` is missing in the DOM types of some versions and in some
		// browsers, which ignore it.
		const parameters: RTCRtpSendParameters & { degradationPreference?: string } = sender.getParameters();
		for (const encoding of parameters.encodings) change(encoding);
		if (degradation !== undefined) parameters.degradationPreference = degradation;
		await sender.setParameters(parameters as RTCRtpSendParameters);
	} catch {
		// A browser that takes no parameter still sends.
	}
}

/**
 * Leaves only wanted codecs in the offer: it must fit into 16 KiB, and the relay speaks no others.
 */
function prefer(
	transceiver: RTCRtpTransceiver,
	kind: "audio" | "video",
	wanted: (codec: RTCRtpCodec) => boolean,
): void {
	try {
		const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs.filter(wanted) ?? [];
		const rank = (codec: RTCRtpCodec): number => RANK.indexOf(codec.mimeType.toLowerCase());
		codecs.sort((a, b) => rank(a) - rank(b));
		if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
	} catch {
		// Without preferences the offer is longer, and the relay picks.
	}
}

/** RED (RFC 2198) carries each frame of Opus once more. A browser sends it where it comes first. */
function isWantedSound(codec: RTCRtpCodec, thin: boolean): boolean {
	const type = codec.mimeType.toLowerCase();
	return type === "audio/opus" || (type === "audio/red" && !thin);
}

function isWantedVideo(codec: RTCRtpCodec): boolean {
	const type = codec.mimeType.toLowerCase();
	if (type !== "video/h264") return type === "video/vp8" || type === "video/rtx";
	const format = codec.sdpFmtpLine ?? "";
	// Constrained baseline and baseline, the profiles that every H.264 phone decodes.
	return format.includes("packetization-mode=1") && /profile-level-id=42/i.test(format);
}

export function beatOf(data: unknown): Beat | null {
	if (!(data instanceof ArrayBuffer)) return null;
	try {
		const beat: unknown = JSON.parse(new TextDecoder().decode(data));
		return typeof beat === "object" && beat !== null && "beat" in beat && "speaks" in beat ? (beat as Beat) : null;
	} catch {
		return null;
	}
}

/** Where Chromium may send 15 frames a second, it sends 13.5 to 14.5. */
const FRAMES_MARGIN = 1.1;
const RANK = ["audio/red", "audio/opus", "video/vp8", "video/h264", "video/rtx"];
