// Opens a page's hold on a session: builds the parts of a call and connects them behind the
// contract of `call.ts`.

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Refusal, Seat, SessionId } from "../wire/generated";
import { opposite } from "../wire/seats";
import type { Call, ConnectionState, Devices, Stop } from "./call";
import { connectionOf } from "./connection";
import { createDevices } from "./media/devices";
import { OwnMedia } from "./media/own-media";
import { Peer } from "./media/peer";
import { PageCall } from "./page-call";
import type { CallParts } from "./parts";
import { Sharing } from "./picture/open";
import { Attachment } from "./server/attachment";
import { Commands } from "./server/commands";
import { History } from "./server/history";
import { Inbox } from "./server/inbox";
import { PageLifecycle } from "./server/page-lifecycle";
import { Pump } from "./server/pump";
import { tellZone } from "./server/zone";
import { CallSignals } from "./signals";
import { VitalsLoader } from "./vitals/loader";
import { browser, type World } from "./world";

export { createDevices } from "./media/devices";

export interface OpenOptions {
	session: SessionId;
	seat: Seat;
	/** The lobby's devices go on into the call; without them the call makes its own. */
	devices?: Devices;
	/** A test gives its own. */
	world?: World;
}

export function openCall(options: OpenOptions): Call {
	const parts = new Wiring(options);
	void parts.begin();
	return parts.call;
}

class Wiring implements CallParts {
	readonly session: SessionId;
	readonly seat: Seat;
	readonly world: World;
	readonly devices: Devices;
	readonly signals = new CallSignals();
	readonly attachment: Attachment;
	readonly history: History;
	readonly commands: Commands;
	readonly pump: Pump;
	readonly peer: Peer;
	readonly ownMedia: OwnMedia;
	readonly lifecycle: PageLifecycle;
	readonly sharing: Sharing;
	readonly call: Call;
	readonly #vitals: VitalsLoader;
	readonly #inbox: Inbox;
	readonly #other: Seat;
	/** The server or the relay has the other person's page. */
	readonly #otherHere: ReadonlySignal<boolean>;
	/** The clock, moved while something counts down. */
	readonly #now: Signal<number>;
	readonly #ticking: ReturnType<typeof setInterval>;
	readonly #stopZone: () => void;
	/** The log said that the call is over. */
	#ended = false;
	#closed = false;

	constructor({ session, seat, devices, world = browser() }: OpenOptions) {
		this.session = session;
		this.seat = seat;
		this.world = world;
		this.devices = devices ?? createDevices({ seat });
		this.#other = opposite(seat);
		this.#now = signal(world.clock());
		this.#inbox = new Inbox(this);
		this.attachment = this.#makeAttachment();
		this.history = this.#makeHistory();
		this.commands = this.#makeCommands();
		this.pump = this.#makePump();
		this.peer = this.#makePeer();
		this.#otherHere = computed(() => this.signals.otherHere.value || this.peer.otherAtRelay.value);
		this.ownMedia = this.#makeOwnMedia();
		this.lifecycle = this.#makeLifecycle();
		this.sharing = this.#makeSharing();
		this.#vitals = this.#makeVitals();
		this.#stopZone = tellZone({ ...this.#shared(), command: (body) => this.commands.push(body) });
		const connection = this.#makeConnection();
		this.call = new PageCall(this, connection);
		this.#ticking = setInterval(() => {
			this.attachment.look();
			const calm = connection.peek().state === "live" && this.attachment.unattached.peek() === null;
			if (calm && this.signals.otherUnattached.peek() === null) return;
			this.#now.value = world.clock();
		}, TICK_MS);
	}

	get isOver(): boolean {
		return this.#ended || this.#closed;
	}

	/** Takes over what a reload left behind, then attaches. */
	async begin(): Promise<void> {
		const memory = await this.attachment.claim();
		if (memory === null || this.#closed) return;
		const unanswered = this.commands.restore(memory.outbox);
		if (this.commands.isUnderWay("end")) this.signals.ending.value = true;
		for (const { id, body, at_ms, after } of unanswered) {
			if (body.type === "say") this.history.addLine(id, body.text, at_ms, after);
			this.sharing.queued({ id, body });
		}
		this.sharing.restored(memory.sending);
		this.history.publish();
		this.commands.queueEarly();
		this.attachment.connect();
		this.peer.start(memory.attempt);
	}

	halt(stop: Stop): void {
		if (this.signals.stop.peek() !== null) return;
		batch(() => {
			this.signals.stop.value = stop;
			this.signals.joined.value = false;
		});
		this.attachment.remember((memory) => {
			memory.joined = false;
		});
		// What a customer wanted without a seat must not happen by itself once there is one. A page
		// that took the call over remembers for itself.
		if (stop.why === "moved" || (stop.why !== "version" && this.seat === "customer")) this.attachment.forget();
		this.close({ why: stop.why === "moved" ? "moved" : "no_seat" });
	}

	close(unanswered: Refusal): void {
		if (this.#closed) return;
		this.#closed = true;
		this.ownMedia.close();
		this.sharing.stop();
		this.#vitals.stop();
		this.#stopZone();
		this.signals.ending.value = false;
		this.devices.stopAll();
		this.peer.stop();
		this.history.stop();
		this.lifecycle.close();
		clearInterval(this.#ticking);
		this.pump.stop();
		this.commands.stop(unanswered);
		if (this.#ended) this.attachment.forget();
		this.attachment.close();
	}

	/** The log's last word: only answers that are under way still follow. */
	#end(): void {
		if (this.#ended) return;
		this.#ended = true;
		this.signals.ending.value = false;
		this.devices.stopAll();
		this.peer.stop();
		setTimeout(() => this.close({ why: "call_ended" }), LAST_WORDS_MS);
	}

	/** Stores what a reload has to go on with. */
	#save(): void {
		if (this.#closed) return;
		this.attachment.remember((memory) => {
			memory.outbox = this.commands.snapshot();
			this.ownMedia.remember(memory);
		});
	}

	// --- the parts

	/** What several parts take. */
	#shared() {
		const { seat, world } = this;
		const { view, ready, joined, ending } = this.signals;
		return { seat, world, view, ready, joined, ending };
	}

	#makeAttachment(): Attachment {
		const { session, seat, world } = this;
		return new Attachment({
			session,
			seat,
			world,
			offer: () => this.peer.waitingOffer(),
			moments: () => this.#vitals.moments(),
			attached: (answer) => this.#inbox.attached(answer),
			heard: (message) => this.#inbox.heard(message),
			detached: () => this.commands.detached(),
			halt: (stop) => this.halt(stop),
		});
	}

	#makeHistory(): History {
		const { session, seat, world, attachment } = this;
		return new History({
			seat,
			clock: world.clock,
			hidden: world.hidden,
			view: this.signals.view,
			applied: (event) => this.#inbox.applied(event),
			taken: () => this.#inbox.complete(),
			ended: () => this.#end(),
			resume: (after) => attachment.say({ topic: "session", type: "resume", after }),
			fetch: (after) => (attachment.memory === null ? null : world.log(session, attachment.memory.page, after)),
			fetched: () => this.pump.run(),
		});
	}

	#makeCommands(): Commands {
		const { world, signals, attachment, history } = this;
		return new Commands({
			clock: world.clock,
			random: world.random,
			now_ms: () => world.clock() + attachment.clockOffset.peek(),
			head: () => history.folded.head,
			closed: () => {
				const stop = signals.stop.peek();
				if (stop === null && !this.#closed) return null;
				return { why: stop?.why === "moved" ? "moved" : "not_attached" };
			},
			queued: (command) => this.sharing.queued(command),
			settled: (settled) => this.#inbox.settled(settled),
			refused: (refused) => {
				if (history.folded.ended === null) signals.refusal.value = refused;
			},
			save: () => this.#save(),
			say: (says) => attachment.say(says),
			probe: () => attachment.probe(),
			pump: () => this.pump.run(),
		});
	}

	#makePump(): Pump {
		const { world, attachment, history, commands } = this;
		return new Pump({
			clock: world.clock,
			isOpen: () => !this.#closed && attachment.isOpen,
			sources: [(now) => commands.sendDue(now), (now) => history.requestMissing(now)],
		});
	}

	#makePeer(): Peer {
		const { world, attachment } = this;
		return new Peer({
			...(world.makeLeg === undefined ? {} : { makeLeg: world.makeLeg }),
			say: (says) => attachment.say({ topic: "signaling", ...says }),
			probe: () => attachment.probe(),
			clock: world.clock,
			random: world.random,
			attempted: (attempt) =>
				attachment.remember((memory) => {
					memory.attempt = attempt;
				}),
			text: (text) => {
				if (!this.#vitals.heard(text)) this.sharing.heardText(text);
			},
		});
	}

	#makeOwnMedia(): OwnMedia {
		return new OwnMedia({
			...this.#shared(),
			devices: this.devices,
			peer: this.peer,
			isLeaving: () => this.signals.ending.peek() || this.isOver,
			command: (body) => this.commands.push(body),
		});
	}

	#makeLifecycle(): PageLifecycle {
		const { world, attachment } = this;
		return new PageLifecycle({
			...this.#shared(),
			camera: this.devices.paused,
			say: (says) => attachment.say(says),
			visible: () => {
				this.#now.value = world.clock();
				attachment.startAgain();
			},
			online: () => attachment.startAgain(),
		});
	}

	#makeSharing(): Sharing {
		const { signals, attachment, commands, peer } = this;
		return new Sharing({
			...this.#shared(),
			camera: this.devices.camera,
			attached: computed(() => attachment.unattached.value === null),
			otherHere: this.#otherHere,
			otherPaused: computed(() => signals.otherPaused.value === "page"),
			hidden: this.lifecycle.hidden,
			clockOffset: attachment.clockOffset,
			command: (body) => commands.push(body),
			request: (body) => commands.request(body),
			say: (says) => !this.#closed && attachment.say(says),
			sending: (pictures) =>
				attachment.remember((memory) => {
					memory.sending = pictures;
				}),
			refused: (refused) => {
				signals.refusal.value = refused;
			},
			live: { state: () => peer.liveState(), say: (text) => peer.send("live", text) },
		});
	}

	#makeVitals(): VitalsLoader {
		const { seat, world, signals, peer, history, attachment } = this;
		return new VitalsLoader({
			seat,
			world,
			clock: world.clock,
			signals,
			joined: signals.joined,
			peer,
			view: () => signals.view.peek(),
			head: () => history.known,
			socketHeardAt: () => peer.socketHeardAt,
			probe: () => attachment.probe(),
			attached: () => attachment.isOpen,
			random: world.random,
			uploads: () => this.sharing.uploads,
		});
	}

	#makeConnection(): ReadonlySignal<ConnectionState> {
		const { signals, attachment, peer } = this;
		return computed(() =>
			connectionOf({
				now: this.#now.value,
				over: signals.view.value.ended !== null || signals.stop.value !== null,
				ready: signals.ready.value,
				unattached: attachment.unattached.value,
				joined: signals.joined.value,
				other: signals.view.value.seats[this.#other],
				otherHere: this.#otherHere.value,
				otherUnattached: signals.otherUnattached.value,
				flow: signals.flow.value,
				relayHeard: signals.relayHeard.value,
				otherPaused: signals.otherPaused.value,
				ownPaused: this.lifecycle.cameraPaused.value,
				media: peer.state.value,
				media_retry_at: peer.retryAt.value,
				weak: signals.weak.value || signals.stills.value !== null,
			}),
		);
	}
}

const TICK_MS = 500;
const LAST_WORDS_MS = 3_000;
