// Media of a page: keeps one working connection to a relay, and makes another when it falls silent.
//
// There are at most two legs: `#current` serves, `#next` is on its way. A new leg replaces the old
// one when it is connected, and the old one's picture stays until the new one's first frame.

import { signal } from "@preact/signals";
import {
	type Beat,
	type FirstOffer,
	type OfferFault,
	SDP_BYTES_MAX,
	type SignalingHears,
	type SignalingSays,
} from "../../wire/generated";
import { Leg, type LegEvents, type Tracks } from "./leg";
import type { MediaTrouble } from "./trouble";

export interface PeerOptions {
	/** A test gives its own. */
	makeLeg?: (hears: LegEvents, thin: boolean) => Leg;
	/** Sends over the socket. Returns false without one. */
	say(says: SignalingSays): boolean;
	/** Asks the socket for a sign of life. */
	probe(): void;
	clock: () => number;
	random: () => number;
	/** An offer is about to be sent under this number. */
	attempted(attempt: number): void;
	/** A message of the other person on either channel. */
	text?(text: string): void;
}

export type PeerState = "connecting" | "connected" | "lost";

export class Peer {
	readonly state = signal<PeerState>("connecting");
	readonly remote = signal<MediaStream | null>(null);
	readonly remotePicture = signal(false);
	readonly trouble = signal<MediaTrouble | null>(null);
	/** The other seat has a speaking participant at the relay. */
	readonly otherAtRelay = signal(false);
	/** When the next offer is due, on the clock; null while none is planned. */
	readonly retryAt = signal<number | null>(null);

	readonly #options: PeerOptions;
	#current: Leg | null = null;
	#next: Leg | null = null;
	/** The replaced leg, while its picture is still shown. */
	#old: Leg | null = null;
	#attempt = 0;
	/** Offers since the last answer; the page waits longer after each. */
	#unanswered = 0;
	#answer: ReturnType<typeof setTimeout> | undefined;
	#watch: ReturnType<typeof setInterval> | undefined;
	#ticks = 0;
	/** Legs built since one served well. */
	#builds = 0;
	#build_not_before = 0;
	/** Tries that failed at once since a leg served. */
	#quick_builds = 0;
	/** When the newest answer came. */
	#answered_at = Number.NEGATIVE_INFINITY;
	/** When the current leg fell silent. */
	#silent_since: number | null = null;
	/** The relay said that it dropped this page. */
	#gone_at: number | null = null;
	#socket_heard_at = Number.NEGATIVE_INFINITY;
	#joined_at: number | null = null;
	#promoted_at = Number.NEGATIVE_INFINITY;
	#tracks: Tracks = { audio: null, video: null };
	/** Goes out in place of the camera: its still pictures. */
	#still: MediaStreamTrack | null = null;
	/** A picture that has not changed for this time is not shown. */
	picture_ms = PICTURE_MS;
	/** What this page can send, bit/s; null while that is not known. */
	up_bps: number | null = null;
	#down_bps: number | null = null;
	#video_bps: number | null = null;
	#frames = 0;
	#frame_at = Number.NEGATIVE_INFINITY;
	#stopped = false;

	constructor(options: PeerOptions) {
		this.#options = options;
	}

	/** `attempt` is the last one before a reload of this page: attempts only count up. */
	start(attempt: number): void {
		this.#attempt = attempt;
		if (this.#watch !== undefined || this.#stopped) return;
		this.#watch = setInterval(() => this.#check(), WATCH_MS);
		this.#build();
	}

	/** The offer that waits for the socket. It goes out with the socket's first message. */
	waitingOffer(): FirstOffer | null {
		const leg = this.#next;
		if (leg === null || leg.answered || leg.sdp === null || leg.sdp.length > FIRST_BYTES_MAX) return null;
		return { attempt: this.#number(leg), sdp: leg.sdp };
	}

	/**
	 * The socket is attached (again): sends the offer that waits for it, unless the server has that
	 * of this attempt.
	 */
	socketAttached(offered?: number): void {
		this.#socket_heard_at = this.#options.clock();
		const leg = this.#next;
		if (leg === null || leg.answered) this.#check();
		else if (offered !== undefined && offered === leg.attempt) this.#awaitAnswer(leg);
		else this.#offer(leg);
	}

	socketHeard(): void {
		this.#socket_heard_at = this.#options.clock();
	}

	heard(message: SignalingHears): void {
		const leg = this.#next;
		switch (message.type) {
			case "offered":
				if (leg?.attempt === message.attempt) leg.relay = message.relay;
				return;
			case "answer":
				if (leg?.attempt === message.attempt && !leg.answered) this.#answered(leg, message.sdp, message.relay);
				return;
			case "no_relay":
				if (leg?.attempt === message.attempt && !leg.answered) {
					this.#refused(leg, message.unacceptable ? (message.fault ?? "unknown") : null);
				}
				return;
			case "gone":
				this.#gone(message.relay);
				if (message.why !== undefined) this.trouble.value = message.why;
				return;
			case "presence":
				return;
		}
	}

	/** While this page holds the seat its tracks may flow, and the relay must know it. */
	setJoined(joined: boolean): void {
		if (joined === (this.#joined_at !== null)) return;
		this.#joined_at = joined ? this.#options.clock() : null;
		this.#carry();
		if (this.#current === null) this.state.value = "connecting";
		if (!joined || this.retryAt.peek() === null) return;
		// Until it has joined, a page that does not speak for its seat is refused a relay: that was
		// no sign of trouble.
		this.#unanswered = 0;
		this.retryNow();
	}

	setTracks(tracks: Tracks): void {
		this.#tracks = tracks;
		this.#carry();
	}

	/** The camera that this page may send. */
	get camera(): MediaStreamTrack | null {
		return this.#joined_at === null ? null : this.#tracks.video;
	}

	/** Sends still pictures in place of the camera; null: the camera again. */
	setStill(still: MediaStreamTrack | null): void {
		this.#still = still;
		this.#carry();
	}

	/** Tries now instead of waiting for the countdown. */
	retryNow(): void {
		this.#build_not_before = 0;
		if (this.#next !== null && !this.#next.answered) this.#offer(this.#next);
		else this.#check();
	}

	/**
	 * The channel `live` to the other page: `full` while earlier messages have not left yet,
	 * `closed` when no page would receive them.
	 */
	liveState(): "open" | "full" | "closed" {
		const live = this.#current?.live;
		if (live === undefined || live.readyState !== "open") return "closed";
		if (this.#silent_since !== null || !this.otherAtRelay.peek()) return "closed";
		return live.bufferedAmount > BUFFERED_MAX ? "full" : "open";
	}

	/** Sends a message to the other page; false when that is not possible at present. */
	send(channel: "live" | "sure", text: string): boolean {
		const open = this.#current?.[channel];
		if (open === undefined || open.readyState !== "open") return false;
		try {
			open.send(text);
			return true;
		} catch {
			// The buffer is full.
			return false;
		}
	}

	/** Prepares another connection: nothing comes over this one, and the server is heard. */
	replace(leg: Leg): void {
		if (leg !== this.#current || this.#next !== null || this.#stopped) return;
		if (this.#options.clock() >= this.#build_not_before) this.#build();
	}

	/** The connection that serves; null while none does. */
	get serving(): Leg | null {
		return this.#silent_since === null ? this.#current : null;
	}

	/** What the relay can send to this page, bit/s; null while that is not known. */
	get downBps(): number | null {
		return this.#down_bps;
	}

	/** What this page's video may use by the others' links, bit/s; null while that is not known. */
	get videoBps(): number | null {
		return this.#video_bps;
	}

	/** When anything came over the socket, on the clock. */
	get socketHeardAt(): number {
		return this.#socket_heard_at;
	}

	stop(): void {
		this.#stopped = true;
		clearInterval(this.#watch);
		clearTimeout(this.#answer);
		for (const leg of [this.#current, this.#next, this.#old]) leg?.close();
		this.#current = this.#next = this.#old = null;
		this.remotePicture.value = false;
		this.retryAt.value = null;
	}

	#build(): void {
		this.#drop(this.#next);
		this.retryAt.value = null;
		const make = this.#options.makeLeg ?? makeLeg;
		const hears: LegEvents = {
			beat: (from, beat) => this.#beat(from, beat),
			text: (text) => this.#options.text?.(text),
			changed: (of) => this.#changed(of),
		};
		const leg = make(hears, [this.#down_bps, this.up_bps].some(isThin));
		this.#next = leg;
		this.#unanswered = 0;
		const wait = Math.min(BUILD_MAX_MS, BUILD_MS * 2 ** this.#builds);
		this.#builds += 1;
		this.#build_not_before = this.#options.clock() + wait * (0.5 + this.#options.random() / 2);
		void leg.carry(this.#allowed());
		leg.offer().then(
			() => this.#offer(leg),
			() => this.#failed(leg),
		);
	}

	#offer(leg: Leg): void {
		if (this.#next !== leg || leg.sdp === null || this.#stopped) return;
		clearTimeout(this.#answer);
		this.retryAt.value = null;
		// Not sent: some servers close the socket on a message of this length.
		if (leg.sdp.length > SDP_BYTES_MAX) {
			this.#refused(leg, "too_long");
			return;
		}
		if (this.#unanswered >= TRIES_TOLD) this.#neverServed();
		const avoid = this.#unanswered > 0 ? leg.relay : null;
		const before = leg.attempt;
		const attempt = this.#number(leg);
		const said = this.#options.say({ type: "offer", attempt, sdp: leg.sdp, ...(avoid === null ? {} : { avoid }) });
		if (said) this.#awaitAnswer(leg);
		// Without a socket it is sent at `socketAttached`.
		else leg.attempt = before;
	}

	/** Gives the leg's offer the number under which it goes out. */
	#number(leg: Leg): number {
		this.#attempt += 1;
		this.#options.attempted(this.#attempt);
		leg.attempt = this.#attempt;
		return this.#attempt;
	}

	#awaitAnswer(leg: Leg): void {
		clearTimeout(this.#answer);
		this.retryAt.value = null;
		leg.relay = null;
		// Each repeat voids the offer before it, so a slow relay must be given more time with each.
		const patience = Math.min(ANSWER_MAX_MS, ANSWER_MS * 2 ** this.#unanswered);
		this.#unanswered += 1;
		this.#answer = setTimeout(() => this.#offer(leg), patience);
	}

	#answered(leg: Leg, sdp: string, relay: string): void {
		clearTimeout(this.#answer);
		this.#answered_at = this.#options.clock();
		this.#unanswered = 0;
		this.trouble.value = null;
		leg.relay = relay;
		leg.answer(sdp).then(
			() => {
				this.#answer = setTimeout(() => this.#failed(leg), CONNECT_MS);
			},
			() => this.#failed(leg),
		);
	}

	/** `fault` says why the offer itself is refused. */
	#refused(leg: Leg, fault: OfferFault | "unknown" | null): void {
		clearTimeout(this.#answer);
		const most = Math.min(NO_RELAY_MAX_MS, NO_RELAY_MS * 2 ** this.#unanswered);
		const wait = fault !== null ? UNACCEPTABLE_MS : most * (0.5 + this.#options.random() / 2);
		leg.relay = null;
		this.trouble.value = fault;
		if (fault !== null || this.#unanswered >= TRIES_TOLD) this.#neverServed();
		this.retryAt.value = this.#options.clock() + wait;
		this.#answer = setTimeout(() => this.#offer(leg), wait);
	}

	/** A leg that has no offer, or was answered and does not connect. */
	#failed(leg: Leg): void {
		if (this.#next !== leg) return;
		// The browser does not know the device's network yet: Chromium hears of another address
		// 0.5 s (macOS) to 2 s (Linux) later, and a connection on the one before fails at once.
		const now = this.#options.clock();
		const at_once = leg.answered && now - this.#answered_at < AT_ONCE_MS;
		if (this.#current !== null && at_once && this.#quick_builds < QUICK_BUILDS) {
			this.#quick_builds += 1;
			this.#builds = Math.max(0, this.#builds - 1);
			this.#build_not_before = Math.min(this.#build_not_before, now + BUILD_AGAIN_MS);
		}
		this.#drop(leg);
		this.#neverServed();
		this.#check();
	}

	/**
	 * A leg that never served cannot fall silent, so failed tries have to show the loss. A guest
	 * need not know.
	 */
	#neverServed(): void {
		if (this.#current === null && this.#joined_at !== null) this.state.value = "lost";
	}

	#gone(relay: string): void {
		if (this.#next?.answered && this.#next.relay === relay) {
			this.#drop(this.#next);
			// Once is normal: the room moves to another relay.
			if (this.#builds >= TRIES_TOLD) this.#neverServed();
			this.#check();
			return;
		}
		// It may be about a transport that a later offer of this page replaced: beats decide.
		if (this.#current?.relay === relay) this.#gone_at = this.#options.clock();
	}

	#changed(leg: Leg): void {
		if (this.#stopped) return;
		if (leg === this.#next && leg.connected) this.#serve(leg);
		else if (leg === this.#next && leg.pc.connectionState === "failed") this.#failed(leg);
		else if (leg === this.#current) this.#check();
	}

	#serve(leg: Leg): void {
		clearTimeout(this.#answer);
		const now = this.#options.clock();
		leg.connected_at = now;
		this.#next = null;
		this.#quick_builds = 0;
		const before = this.#current;
		const { serving } = this;
		// The same relay sends to the new one from here on. At another one, the other person may
		// not have arrived.
		const takes_sound = serving === null || serving.relay === leg.relay;
		// What was never seen leaves the picture to the one before it.
		const unseen = takes_sound && this.#old !== null && this.#frames === 0;
		this.#drop(unseen ? before : this.#old);
		if (!unseen) this.#old = before;
		this.#current = leg;
		this.#silent_since = null;
		this.#gone_at = null;
		this.#frames = 0;
		this.#carry();
		if (this.#old === null) this.#show(leg);
		else if (takes_sound) this.#play(leg.audioTrack, this.#old.videoTrack);
		this.state.value = "connected";
	}

	#show(leg: Leg): void {
		this.#play(leg.audioTrack, leg.videoTrack);
		this.#drop(this.#old);
		this.#old = null;
	}

	/** Leaves these tracks in the one remote stream, and no other. */
	#play(...tracks: MediaStreamTrack[]): void {
		const stream = this.remote.peek() ?? new MediaStream();
		// The new ones first: a stream without tracks would end its element's playback.
		for (const track of tracks) stream.addTrack(track);
		for (const track of stream.getTracks()) if (!tracks.includes(track)) stream.removeTrack(track);
		this.remote.value = stream;
	}

	#beat(leg: Leg, beat: Beat): void {
		const now = this.#options.clock();
		leg.beat_at = now;
		if (leg !== this.#current) return;
		this.otherAtRelay.value = beat.other_here;
		this.trouble.value = (beat.undecodable && "undecodable") || (beat.unseen && "unseen") || null;
		this.#down_bps = beat.down_bps ?? null;
		this.#video_bps = beat.video_bps ?? null;
		if (leg.connected_at !== null && now - leg.connected_at > SERVED_WELL_MS) this.#builds = 0;
		if (beat.speaks || this.#joined_at === null) return;
		const due = now - this.#joined_at >= PROMOTE_MS && now - this.#promoted_at >= PROMOTE_AGAIN_MS;
		if (due && this.#options.say({ type: "promote" })) this.#promoted_at = now;
	}

	/**
	 * Checks four times a second whether the current leg is alive, and builds another one if not.
	 */
	#check(): void {
		if (this.#stopped) return;
		const now = this.#options.clock();
		this.#ticks += 1;
		if (this.#ticks % 2 === 0) void this.#countFrames(now);
		const leg = this.#current;
		if (leg === null) {
			this.#buildWhenDue(now);
			return;
		}
		const heard = leg.heard_at;
		const gone = this.#gone_at !== null && now >= this.#gone_at + GONE_MS && heard <= this.#gone_at;
		const dead = gone || leg.pc.connectionState === "failed" || leg.pc.connectionState === "closed";
		// On a link that video fills, the channel of the beats may take seconds to open.
		const lives = now - leg.lived_at <= SILENCE_MS && now - heard <= DEAF_MS;
		if (leg.connected && !dead && lives) {
			if (this.#gone_at !== null && heard > this.#gone_at) this.#gone_at = null;
			this.#recovered();
			return;
		}
		if (this.#silent_since === null) {
			this.#silent_since = now;
			this.state.value = "lost";
			this.#options.probe();
		}
		// When the whole network is down, the leg recovers with it. Another leg helps when the
		// socket lives and media does not.
		const socketLives = this.#socket_heard_at > this.#silent_since;
		if (dead || socketLives) this.#buildWhenDue(now);
	}

	#buildWhenDue(now: number): void {
		if (this.#next !== null) return;
		if (now >= this.#build_not_before) this.#build();
		else this.retryAt.value = this.#build_not_before;
	}

	/**
	 * The current leg was silent and is back: a successor that was not offered yet is not needed.
	 */
	#recovered(): void {
		if (this.#silent_since === null) return;
		this.#silent_since = null;
		this.state.value = "connected";
		if (this.#next === null) this.retryAt.value = null;
		else if (this.#next.attempt === null) this.#drop(this.#next);
	}

	async #countFrames(now: number): Promise<void> {
		const leg = this.#current;
		if (leg === null) return;
		const frames = await leg.frames();
		if (leg !== this.#current || this.#stopped) return;
		if (frames > this.#frames) {
			this.#frames = frames;
			this.#frame_at = now;
		}
		const waited = now - (leg.connected_at ?? now);
		if (this.#old !== null && (frames > 0 || waited > FIRST_FRAME_MS)) this.#show(leg);
		this.remotePicture.value = now - this.#frame_at < this.picture_ms;
	}

	#carry(): void {
		const tracks = this.#allowed();
		void this.#current?.carry(tracks);
		void this.#next?.carry(tracks);
	}

	/** Before the page joins, nothing from camera or microphone leaves the device. */
	#allowed(): Tracks {
		const { camera } = this;
		if (this.#joined_at === null) return { audio: null, video: null };
		return camera === null || this.#still === null ? this.#tracks : { ...this.#tracks, video: this.#still };
	}

	#drop(leg: Leg | null): void {
		if (leg === null) return;
		if (this.#next === leg) {
			this.#next = null;
			clearTimeout(this.#answer);
			this.retryAt.value = null;
		}
		leg.close();
	}
}

function makeLeg(hears: LegEvents, thin: boolean): Leg {
	return new Leg(
		new RTCPeerConnection({ iceServers: [], bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" }),
		hears,
		thin,
	);
}

/** Whether a link is known to carry little, by its last estimate. */
function isThin(bps: number | null): boolean {
	return bps !== null && bps < THIN_BPS;
}

/** Bytes; behind more than this, a live message arrives too late. */
const BUFFERED_MAX = 8 * 1024;
/** A longer offer goes by itself: what the server cannot read must not cost the attaching. */
const FIRST_BYTES_MAX = 12 * 1024;
const THIN_BPS = 250_000;
const WATCH_MS = 250;
/** Beats come twice a second. */
const SILENCE_MS = 2_000;
/** Sound and picture without beats: the channels are broken. */
const DEAF_MS = 10_000;
const GONE_MS = 700;
const ANSWER_MS = 1_000;
const ANSWER_MAX_MS = 8_000;
const CONNECT_MS = 6_000;
const NO_RELAY_MS = 500;
const NO_RELAY_MAX_MS = 5_000;
const UNACCEPTABLE_MS = 30_000;
/** This many failed tries show as lost; one does not. */
const TRIES_TOLD = 2;
const BUILD_MS = 500;
const BUILD_MAX_MS = 8_000;
/** What fails this soon after its answer has reached no network. */
const AT_ONCE_MS = 300;
/** So many of these are tried again after the same short time, not after a growing one. */
const QUICK_BUILDS = 6;
const BUILD_AGAIN_MS = 350;
const SERVED_WELL_MS = 10_000;
const PROMOTE_MS = 1_000;
const PROMOTE_AGAIN_MS = 2_000;
const FIRST_FRAME_MS = 4_000;
export const PICTURE_MS = 3_000;
