// Sends the camera as the link carries it: walks the ladder, and takes still pictures below it.

import type { Leg } from "../media/leg";
import type { Peer } from "../media/peer";
import { Probing } from "./probing";
import { Queueing } from "./queueing";
import { Ladder, type Link, RUNGS, type Rung, STILLS } from "./rungs";
import type { Sample } from "./sample";
import { StillCamera, stillEvery } from "./stills";

/** What is known besides the samples. */
export interface Around {
	/** The share of packets lost on the other person's way, 0..1; 0 when that is not known. */
	lost_beyond: number;
	/** What video may use on the other person's way, bit/s; null when that is not known. */
	beyond_bps: number | null;
	/** Nothing comes of the other person. */
	silent: boolean;
	/** The call is to use little data. */
	saves: boolean;
	/** A picture is being uploaded: it goes before video. */
	uploads: boolean;
}

export class CameraSending {
	readonly #peer: Pick<Peer, "camera" | "setStill">;
	readonly #ladder = new Ladder();
	readonly #probing = new Probing();
	readonly #queueing = new Queueing();
	#leg: Leg | null = null;
	/** What the leg was told last. */
	#told = "";
	#stills: { camera: MediaStreamTrack; taker: StillCamera } | null = null;
	/** The last still: when, and what was sent before it. */
	#shot: { at: number; sent_at: number; frames: number; bytes: number } | null = null;

	constructor(peer: Pick<Peer, "camera" | "setStill">) {
		this.#peer = peer;
	}

	/** The camera goes out as still pictures. */
	get isStills(): boolean {
		return this.#stills !== null;
	}

	/** The place on the ladder, 0 the highest; null without a camera. */
	get rung(): number | null {
		return this.#peer.camera === null ? null : this.#ladder.at;
	}

	/** Takes two samples of one leg, a part of a second apart. */
	look(leg: Leg, before: Sample, now: Sample, around: Around): void {
		if (leg !== this.#leg) {
			this.#leg = leg;
			this.#told = "";
			this.#ladder.restart(now.at_ms);
			this.#probing.restart();
			this.#queueing.restart();
		}
		const camera = this.#peer.camera;
		if (camera === null) {
			this.#leaveStills();
			return;
		}
		const link = linkOf(before, now, around);
		// Firefox does not count what its camera gives.
		if (now.camera_frames === null) link.camera_fps = camera.getSettings?.().frameRate ?? FPS;
		const begun = now.frames_sent > 0 || this.#stills !== null;
		const dipped = this.#probing.dips;
		const dip =
			around.saves || around.uploads ? null : this.#probing.look(link.now, now.up_bps ?? link.bps, around.beyond_bps);
		// What a dip does to the picture is no sign of the link.
		if (dipped || dip !== null) this.#ladder.rest(link);
		else if (begun) this.#ladder.look(link);
		const { at } = this.#ladder;
		if (at === STILLS) this.#sendStills(camera, now, link, around);
		else this.#leaveStills();
		const sent_bps = (8000 * (now.video_bytes - before.video_bytes)) / Math.max(1, now.at_ms - before.at_ms);
		const held = this.#queueing.look(now.at_ms, now.trip_ms, sent_bps, link.bps) ?? VIDEO_BPS;
		this.#limit(leg, at, dip ?? Math.min(held, this.#share(link, around)));
	}

	stop(): void {
		this.#leaveStills();
	}

	/** The bit/s that video may use at most. */
	#share({ bps }: Link, { saves, uploads }: Around): number {
		const most = saves ? SAVED_BPS : VIDEO_BPS;
		return uploads && bps !== null ? Math.min(most, Math.max(BPS_MIN, bps / UPLOAD_PART)) : most;
	}

	#limit(leg: Leg, at: number, bps: number): void {
		const { lines, fps } = RUNGS[at] ?? (this.isStills ? STILL : LOWEST);
		// In steps, so that the encoder is not told something else all the time.
		const limits = { lines, fps, bps: Math.round(bps / STEP_BPS) * STEP_BPS };
		const told = JSON.stringify(limits);
		if (told === this.#told) return;
		this.#told = told;
		void leg.limit(limits);
	}

	#sendStills(camera: MediaStreamTrack, now: Sample, { bps }: Link, { uploads }: Around): void {
		if (this.#stills?.camera !== camera) {
			this.#leaveStills();
			const taker = StillCamera.of(camera);
			// Without stills the lowest rung has to do.
			if (taker === null) return;
			this.#stills = { camera, taker };
			this.#peer.setStill(taker.track);
		}
		const { taker } = this.#stills;
		const shot = this.#shot;
		// A picture that is uploaded waits for no still.
		if (uploads) return;
		if (shot === null || now.at_ms - shot.at >= stillEvery(now.video_bytes - shot.bytes, bps)) {
			if (!taker.shoot()) return;
			this.#shot = { at: now.at_ms, sent_at: now.at_ms, frames: now.frames_sent, bytes: now.video_bytes };
		} else if (now.frames_sent === shot.frames && now.at_ms - shot.sent_at >= REPEAT_MS) {
			shot.sent_at = now.at_ms;
			taker.repeat();
		}
	}

	#leaveStills(): void {
		if (this.#stills === null) return;
		this.#peer.setStill(null);
		this.#stills.taker.stop();
		this.#stills = null;
		this.#shot = null;
	}
}

function linkOf(before: Sample, now: Sample, { lost_beyond, beyond_bps, silent, saves }: Around): Link {
	const seconds = Math.max(0.001, (now.at_ms - before.at_ms) / 1000);
	const frames = now.frames_sent - before.frames_sent;
	// Chromium names no estimate while its queue is full.
	const up_bps = now.up_bps ?? (before.up_bps === null ? null : FULL_BPS);
	const estimates = [up_bps, beyond_bps].filter((one) => one !== null);
	return {
		now: now.at_ms,
		bps: estimates.length === 0 ? null : Math.min(...estimates),
		lost: Math.max(now.lost_there, lost_beyond),
		camera_fps: ((now.camera_frames ?? 0) - (before.camera_frames ?? 0)) / seconds,
		sent_fps: frames / seconds,
		coarse: frames > 0 ? (now.coarse - before.coarse) / frames : null,
		silent: silent || (now.came > 0 && now.came === before.came),
		top: saves ? SAVING_TOP : 0,
	};
}

const FPS = 30;
const LOWEST = RUNGS[STILLS - 1] as Rung;
/** A still picture's encoder. */
const STILL = { lines: 720, fps: 1 };
const VIDEO_BPS = 1_800_000;
const FULL_BPS = 150_000;
const SAVING_TOP = 3;
const SAVED_BPS = 250_000;
/** While a picture is uploaded, video gets this part of the link. */
const UPLOAD_PART = 5;
const BPS_MIN = 30_000;
const STEP_BPS = 10_000;
/** An encoder that left a still out gets it again. */
const REPEAT_MS = 1_000;
