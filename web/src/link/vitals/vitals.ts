// Looks after a running call a few times a second: what the page says of the connection, and what
// the two pages tell each other of it. It loads with the live part of the page.

import { batch } from "@preact/signals";
import type { View } from "../../session/view";
import type { Moment, Seat, Told } from "../../wire/generated";
import { opposite } from "../../wire/seats";
import type { Leg } from "../media/leg";
import { type Peer, PICTURE_MS } from "../media/peer";
import type { CallSignals } from "../signals";
import { Behind } from "./behind";
import { CameraSending } from "./camera-sending";
import { FlowWatch } from "./flow";
import { Quality } from "./quality";
import { Quiet } from "./quiet";
import { type Sample, sample } from "./sample";
import { Recorder } from "./recorder";
import { decodeTold, encodeTold } from "./told";

export interface VitalsOptions {
	seat: Seat;
	clock: () => number;
	signals: CallSignals;
	peer: Pick<
		Peer,
		"serving" | "send" | "downBps" | "videoBps" | "camera" | "setStill" | "picture_ms" | "up_bps" | "replace"
	>;
	view(): View;
	/** The newest event that this page knows. */
	head(): number;
	/** When anything came from the server, on the clock. */
	socketHeardAt(): number;
	/** Asks the server's connection for a sign of life. */
	probe(): void;
	/** The server's connection is attached. */
	attached(): boolean;
	random: () => number;
	/** A picture is being uploaded. */
	uploads(): boolean;
}

export class Vitals {
	readonly #options: VitalsOptions;
	readonly #other: Seat;
	readonly #flow = new FlowWatch();
	readonly #quality = new Quality();
	readonly #behind = new Behind();
	readonly #quiet = new Quiet();
	/** A quiet connection is replaced from then on, on the clock; null while none is. */
	#replace_at: number | null = null;
	#soon: ReturnType<typeof setTimeout> | undefined;
	readonly #recorder = new Recorder();
	readonly #timer: ReturnType<typeof setInterval>;
	#ticks = 0;
	#leg: Leg | null = null;
	#last: Sample | null = null;
	/** Frames a second of the own camera. */
	#camera_fps: number | null = null;
	/** Lost of what came lately, 0..1. */
	#lost = 0;
	/** What the other page told last. */
	#told: { at: number; told: Told } | null = null;
	/** What video might use at the last look, bit/s. */
	#video_bps: number | null = null;
	readonly #sending: CameraSending;
	#stopped = false;

	constructor(options: VitalsOptions) {
		this.#options = options;
		this.#other = opposite(options.seat);
		this.#sending = new CameraSending(options.peer);
		this.#timer = setInterval(() => this.#tick(), TICK_MS);
	}

	/** A text of the other page; returns whether it was for this part. */
	heard(text: string): boolean {
		const { seat, clock, head, socketHeardAt, probe, signals } = this.#options;
		const now = clock();
		this.#flow.told(now);
		const told = decodeTold(text);
		if (told === null) return false;
		this.#told = { at: now, told };
		batch(() => {
			signals.flow.value = this.#flowAt(now);
			if (seat === "customer") signals.saves.value = told.saves === true;
			else this.#showControls(told);
			this.#showStills();
		});
		if (this.#behind.tests(now, { theirs: told.head, ours: head(), heard_at: socketHeardAt() })) probe();
		return true;
	}

	/** How the call ran lately, once a minute. */
	moments(): Moment[] | null {
		return this.#recorder.take(this.#options.clock());
	}

	stop(): void {
		this.#stopped = true;
		clearInterval(this.#timer);
		clearTimeout(this.#soon);
		this.#sending.stop();
	}

	#tick(): void {
		const { clock, signals, peer } = this.#options;
		const now = clock();
		const leg = peer.serving;
		this.#ticks += 1;
		if (leg !== this.#leg) this.#change(leg);
		if (leg !== null) void this.#listen(leg);
		const fell = (peer.videoBps ?? Number.POSITIVE_INFINITY) < FELL * (this.#video_bps ?? 0);
		if (leg !== null && (fell || this.#ticks % LOOK_TICKS === 0)) void this.#look(leg);
		if (leg !== null && this.#ticks % TELL_TICKS === 0) this.#tell();
		batch(() => {
			signals.flow.value = leg === null ? "unknown" : this.#flowAt(now);
			signals.relayHeard.value = now - (leg?.lived_at ?? now) < BEAT_LATE_MS;
		});
	}

	/** Another connection serves, or none: its counters begin again. */
	#change(leg: Leg | null): void {
		this.#leg = leg;
		this.#last = null;
		this.#flow.restart();
		this.#quiet.restart();
		this.#quality.restart();
		this.#recorder.restart();
		this.#lost = 0;
		if (leg === null) this.#options.signals.weak.value = false;
	}

	#flowAt(now: number): ReturnType<FlowWatch["at"]> {
		return this.#flow.at(now, this.#otherSends());
	}

	/**
	 * A connection that falls quiet while the server is heard is replaced before it counts as lost:
	 * its way through the network may be gone.
	 */
	async #listen(leg: Leg): Promise<void> {
		const { clock, peer, probe, attached, socketHeardAt } = this.#options;
		const asked_at = clock();
		const came = await cameOver(leg);
		if (leg !== this.#leg || this.#stopped) return;
		const now = clock();
		const flows = this.#otherSends() && this.#options.signals.otherPaused.peek() === null;
		const since = this.#quiet.look(now, came, flows);
		leg.came_at = this.#quiet.came_at;
		if (since === null) this.#replace_at = null;
		else if (this.#replace_at === null) {
			this.#replace_at = now + REPLACE_MS * (1 + this.#options.random());
			if (attached()) probe();
		} else {
			// The report is older than the answer: a network that came back brings both at once.
			const heard_at = socketHeardAt();
			const lives = heard_at > since && heard_at < asked_at - REPORT_MS;
			if (lives && now >= this.#replace_at) peer.replace(leg);
		}
		clearTimeout(this.#soon);
		if (this.#quiet.pauses) this.#soon = setTimeout(() => void this.#listen(leg), SOON_MS);
	}

	/** The other person's camera or microphone is on. */
	#otherSends(): boolean {
		const { camera, microphone } = this.#options.view().seats[this.#other];
		return camera || microphone;
	}

	async #look(leg: Leg): Promise<void> {
		const { clock, signals, peer } = this.#options;
		this.#video_bps = peer.videoBps;
		try {
			const report = await leg.pc.getStats();
			if (leg !== this.#leg || this.#stopped) return;
			const now = sample(report as unknown as Iterable<[string, Record<string, unknown>]>, clock());
			const last = this.#last;
			this.#last = now;
			this.#flow.look(now.at_ms, now.heard);
			peer.up_bps = now.up_bps;
			this.#measureCamera(last, now);
			this.#judge(now);
			this.#recorder.add(now, this.#sending.rung);
			if (last === null) return;
			this.#measureLoss(last, now);
			const told = this.#fresh(now.at_ms);
			this.#sending.look(leg, last, now, {
				lost_beyond: (told?.lost_percent ?? 0) / 100,
				beyond_bps: peer.videoBps ?? beside(told?.down_bps),
				silent: ["quiet", "silent"].includes(this.#flowAt(now.at_ms)),
				saves: signals.saves.peek(),
				uploads: this.#options.uploads(),
			});
			batch(() => {
				this.#showStills();
				signals.used_bytes.value += Math.max(0, now.bytes - last.bytes);
			});
			peer.picture_ms = signals.stills.peek() === "other" ? STILL_MS : PICTURE_MS;
		} catch {
			// Closed meanwhile.
		}
	}

	/** What the other page told lately. */
	#fresh(now: number): Told | null {
		return this.#told !== null && now - this.#told.at < TOLD_MS ? this.#told.told : null;
	}

	#judge(now: Sample): void {
		const { signals, view } = this.#options;
		const told = this.#fresh(now.at_ms);
		const picture = view().seats[this.#other].camera && signals.otherPaused.peek() === null && told?.stills !== true;
		this.#quality.add(now, { picture, camera_fps: told?.camera_fps ?? null });
		signals.weak.value = this.#quality.weak;
	}

	/** Both pages say that one camera comes as still pictures. */
	#showStills(): void {
		const { clock, signals } = this.#options;
		const theirs = this.#fresh(clock())?.stills === true ? "other" : null;
		signals.stills.value = this.#sending.isStills ? "own" : theirs;
	}

	/** What the customer's camera has. */
	#showControls({ torch, zoom }: Told): void {
		const { otherControls } = this.#options.signals;
		const { torch: was_torch, zoom: was_zoom } = otherControls.peek();
		if (torch === was_torch && zoom === was_zoom) return;
		otherControls.value = { ...(torch !== undefined && { torch }), ...(zoom !== undefined && { zoom }) };
	}

	#measureLoss(last: Sample, now: Sample): void {
		const received = now.received - last.received;
		const lost = Math.max(0, now.lost - last.lost);
		if (received < 0 || received + lost < PACKETS_MIN) return;
		this.#lost += (lost / (received + lost) - this.#lost) / 3;
	}

	#measureCamera(last: Sample | null, now: Sample): void {
		if (now.camera_frames === null || last === null || last.camera_frames === null) {
			this.#camera_fps = null;
			return;
		}
		const fps = ((now.camera_frames - last.camera_frames) * 1000) / Math.max(1, now.at_ms - last.at_ms);
		this.#camera_fps = fps < 0 ? null : Math.round(((this.#camera_fps ?? fps) + fps) / 2);
	}

	#tell(): void {
		const { seat, peer, head, signals } = this.#options;
		const down_bps = peer.downBps;
		const told: Told = {
			type: "state",
			head: head(),
			...(this.#camera_fps !== null && { camera_fps: this.#camera_fps }),
			...(this.#lost >= 0.01 && { lost_percent: Math.round(100 * this.#lost) }),
			...(down_bps !== null && { down_bps }),
			...(this.#sending.isStills && { stills: true }),
			...signals.controls.peek(),
			...(seat === "agent" && signals.saves.peek() && { saves: true }),
		};
		peer.send("live", encodeTold(told));
	}
}

/**
 * Counts up while anything comes over a connection; null where nothing is counted. A receiver's
 * statistics have its transport's, too, and are cheaper than the whole connection's.
 */
async function cameOver({ pc }: Leg): Promise<number | null> {
	try {
		const report = (await pc.getReceivers()[0]?.getStats()) ?? [];
		return sample(report as unknown as Iterable<[string, Record<string, unknown>]>, 0).came || null;
	} catch {
		// Closed meanwhile.
		return null;
	}
}

/** What is left of a link for video. A relay of an earlier version tells only the other page. */
function beside(down_bps: number | undefined): number | null {
	return down_bps === undefined ? null : Math.max(0, down_bps - SOUND_BPS);
}

export function createVitals(options: VitalsOptions): Vitals {
	return new Vitals(options);
}

const TICK_MS = 250;
/** Until the next look at a connection over which nothing came. */
const SOON_MS = 100;
/** How long a quiet connection is left, and up to twice as long: all of a relay's may be quiet. */
const REPLACE_MS = 150;
/** For 50 ms Chromium gives the same report again. */
const REPORT_MS = 60;
const LOOK_TICKS = 2;
/** Much less than at the last look is not put off to the next one. */
const FELL = 0.75;
/** With headers, and once more by RED. */
const SOUND_BPS = 90_000;
const TELL_TICKS = 4;
/** The relay beats twice a second. */
const BEAT_LATE_MS = 1_200;
/** Older words of the other page count no more. */
const TOLD_MS = 3_000;
/** Stills come every 10 s or oftener, and one may be lost. */
const STILL_MS = 25_000;
/** From fewer packets no share is computed. */
const PACKETS_MIN = 20;
