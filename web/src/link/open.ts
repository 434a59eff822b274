// Opens a page's hold on a session: log, outbox, socket, peer connection and devices behind the
// contract of `call.ts`.

import { batch, computed, signal } from "@preact/signals";
import { apply, EMPTY } from "../session/fold";
import { Lines } from "../session/lines";
import { Log } from "../session/log";
import { type Body, Outbox, type Settled } from "../session/outbox";
import type { View } from "../session/view";
import type { Event, LobbyStep, Refusal, Seat, SessionId, ToPage } from "../wire/generated";
import type { Call, Devices, JoinOptions, Stop } from "./call";
import { createAround } from "./server/page-lifecycle";
import { connectionOf } from "./connection";
import { createDevices } from "./media/devices";
import { type Claim, claim } from "./server/memory";
import { Peer } from "./media/peer";
import { type Attached, Socket } from "./server/socket";
import { Sharing } from "./picture/open";
import { createTelling } from "./media/own-media";
import { tellZone } from "./server/zone";
import { chatText, displayName } from "./server/text";
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
	const { session, seat } = options;
	const world = options.world ?? browser();
	const devices = options.devices ?? createDevices({ seat });
	const other: Seat = seat === "agent" ? "customer" : "agent";
	const now = world.clock;

	const view = signal<View>(EMPTY);
	const stop = signal<Stop | null>(null);
	const ready = signal(false);
	const joined = signal(false);
	const heldElsewhere = signal(false);
	const otherHere = signal(false);
	const otherPaused = signal(false);
	const clockOffset = signal(0);
	const refusal = signal<Refusal | null>(null);
	const ending = signal(false);
	/** Not attached: since when, and when the next try is. */
	const unattached = signal<{ since: number; retry_at: number } | null>({ since: now(), retry_at: now() });
	/** Moves while something counts down. */
	const second = signal(now());

	const log = new Log();
	const lines = new Lines(seat);
	let folded: View = EMPTY;
	let held: Claim | null = null;
	let outbox: Outbox | null = null;
	let socket: Socket | null = null;
	/** Commands made before the page knows who it is. */
	let early: (() => void)[] = [];
	const waiting = new Map<number, (refused: Refusal | null) => void>();
	let first_attach = true;
	let complete_at = 0;
	let over = false;
	let closed = false;
	let pumping: ReturnType<typeof setTimeout> | undefined;
	let fetching = false;

	const peer = new Peer({
		...(world.makeLeg === undefined ? {} : { makeLeg: world.makeLeg }),
		say: (says) => socket?.say({ topic: "signaling", ...says }) ?? false,
		probe: () => socket?.probe(),
		clock: now,
		random: world.random,
		attempts: (attempt) => {
			if (held === null) return;
			held.memory.attempt = attempt;
			held.save();
		},
		otherCamera: () => folded.seats[other].camera,
		onString: (text) => sharing.text(text),
	});

	const telling = createTelling({ seat, devices, world, peer, ending, leaving, tell: (body) => command(body) });
	const around = createAround({
		seat,
		world,
		joined,
		say: (says) => socket?.say(says) ?? false,
		back() {
			second.value = now();
			socket?.probe();
		},
		online: () => socket?.probe(),
	});

	const sharing = new Sharing({
		seat,
		world,
		view,
		camera: devices.camera,
		ready,
		joined,
		ending,
		attached: computed(() => unattached.value === null),
		otherHere: computed(() => otherHere.value || peer.otherThere.value),
		otherPaused,
		hidden: around.hidden,
		clockOffset,
		command: (body) => command(body),
		request: (body) => asked(body),
		say: (says) => !closed && (socket?.say(says) ?? false),
		sending(pictures) {
			if (held === null || closed) return;
			held.memory.sending = pictures;
			held.save();
		},
		refused(refused) {
			refusal.value = refused;
		},
		live: { state: () => peer.way(), say: (text) => peer.sayTo("live", text) },
	});

	const unwatchZone = tellZone({ seat, world, view, ready, joined, ending, command: (body) => command(body) });

	const connection = computed(() =>
		connectionOf({
			now: second.value,
			over: view.value.ended !== null || stop.value !== null,
			ready: ready.value,
			unattached: unattached.value,
			joined: joined.value,
			other: view.value.seats[other],
			otherHere: otherHere.value || peer.otherThere.value,
			otherPaused: otherPaused.value,
			media: peer.state.value,
			media_retry_at: peer.retryAt.value,
			weak: peer.weak.value,
		}),
	);

	// --- from the server

	function attached(answer: Attached): void {
		const hadJoined = joined.peek();
		batch(() => {
			unattached.value = null;
			otherHere.value = answer.other_here;
			joined.value = answer.holds_seat;
			heldElsewhere.value = answer.held_elsewhere;
		});
		if (hadJoined && answer.held_elsewhere) {
			halt({ why: "moved" });
			return;
		}
		complete_at = answer.head;
		log.heard(answer.head, now());
		log.restart(now());
		for (const settled of outbox?.attached(answer.next_n) ?? []) finish(settled);
		peer.setJoined(answer.holds_seat);
		peer.socketAttached();
		around.attached();
		sharing.attached();
		if (first_attach && answer.holds_seat && held !== null) void telling.restore(held.memory);
		first_attach = false;
		world.versionFits();
		complete();
		pump();
	}

	function hears(message: ToPage): void {
		if (message.session !== undefined && message.session !== session) return;
		peer.socketHeard();
		switch (message.topic) {
			case "signaling":
				if (message.type === "presence") otherPaused.value = message.paused;
				else peer.heard(message);
				return;
			case "chat":
				if (message.type === "typing") around.typingSeen();
				return;
			case "annotation":
				sharing.text(JSON.stringify(message.passing));
				return;
			case "screenshots":
				sharing.heard(message);
				return;
			case "session":
				heard(message);
				pump();
		}
	}

	function heard(message: Extract<ToPage, { topic: "session" }>): void {
		switch (message.type) {
			case "events":
				took(message.events, message.head, message.more);
				return;
			case "pong":
				log.heard(message.head, now());
				return;
			case "done": {
				log.heard(message.head, now());
				const refused = message.refused ?? null;
				const settled = outbox?.answered(message.n, refused, message.head, now());
				if (settled) finish(settled);
				if (refused !== null) ruled(refused);
				return;
			}
			case "refused":
				ruled(message);
				if (!RULED.has(message.why)) outbox?.troubled(now());
				return;
			case "moved":
				halt({ why: "moved" });
				return;
			case "connection":
				if (message.seat !== other) return;
				batch(() => {
					otherHere.value = message.here;
					// Whoever comes (back) says again whether they are paused.
					otherPaused.value = false;
				});
				if (message.here) around.attached();
				else sharing.otherGone();
		}
	}

	/** Refusals that say something about the connection, whatever was asked. */
	function ruled(refused: Refusal): void {
		if (refused.why === "no_seat") halt({ why: "no_seat" });
		else if (refused.why === "moved") {
			// A page that never held the seat did not lose it.
			if (joined.peek()) halt({ why: "moved" });
			else heldElsewhere.value = true;
		} else if (refused.why === "not_attached") socket?.attachAgain();
	}

	function took(events: readonly Event[], head: number, more: boolean): void {
		const before = folded;
		// One change: a stroke that stops growing is finished in the same moment.
		batch(() => {
			for (const event of log.push(events, now())) {
				folded = apply(folded, event) ?? folded;
				sharing.applied(event);
				if (event.type === "said" && event.seat === other) around.typingOver();
				if ((event.type === "joined" || event.type === "moved") && event.seat === seat && ready.peek()) seatTaken();
			}
			log.heard(head, now());
			if (more) log.more(now());
			if (folded !== before) publish();
		});
		complete();
	}

	/**
	 * Somebody took this page's seat while it waits in the lobby, unless it was this page itself.
	 */
	function seatTaken(): void {
		const own = outbox?.commands.some(({ body }) => body.type === "join") ?? false;
		if (!own && !joined.peek()) heldElsewhere.value = true;
	}

	function publish(): void {
		view.value = lines.merge(folded);
		if (folded.ended !== null) ended();
	}

	function complete(): void {
		if (!ready.peek() && unattached.peek() === null && log.head >= complete_at) ready.value = true;
	}

	function finish({ command, refused, head }: Settled): void {
		const { body, id } = command;
		sharing.settled({ command, refused, head: head ?? log.known });
		if (body.type === "say") {
			lines.settled(id, refused, head, folded);
			publish();
		}
		if (body.type === "join" && refused === null) {
			batch(() => {
				joined.value = true;
				heldElsewhere.value = false;
			});
			if (held !== null) held.memory.joined = true;
			peer.setJoined(true);
		}
		// Done, or over already: the log says so in a moment. Without an answer nobody knows.
		if (body.type === "end" && (refused === null ? head === null : !OVER.has(refused.why))) ending.value = false;
		remember();
		const answer = waiting.get(id);
		waiting.delete(id);
		if (answer !== undefined) answer(refused);
		else if (refused !== null && folded.ended === null && !isQuiet(body, refused)) refusal.value = refused;
	}

	// --- to the server

	/** Puts a command in line; `made` learns its id. */
	function command(body: Body, made: (id: number, at_ms: number) => void = () => undefined): void {
		if (closed || stop.peek() !== null) return;
		if (outbox === null) {
			early.push(() => command(body, made));
			return;
		}
		const at_ms = Date.now() + clockOffset.peek();
		const { id, replaced } = outbox.push(body, at_ms, folded.head);
		sharing.queued({ id, body });
		made(id, at_ms);
		for (const settled of replaced) finish(settled);
		remember();
		pump();
	}

	function say(text: string): void {
		const clean = chatText(text);
		if (clean === "") return;
		command({ topic: "chat", type: "say", text: clean }, (id, at_ms) => {
			lines.wrote(id, clean, at_ms, folded.head);
			publish();
		});
	}

	function asked(body: Body): Promise<Refusal | null> {
		return new Promise((resolve) => {
			if (closed || stop.peek() !== null) resolve({ why: stop.peek()?.why === "moved" ? "moved" : "not_attached" });
			else command(body, (id) => waiting.set(id, resolve));
		});
	}

	/** Sends what is due and sleeps until something is. */
	function pump(): void {
		clearTimeout(pumping);
		if (closed || outbox === null || socket === null || !socket.attached) return;
		const due = outbox.poll(now());
		if (due.send !== null) {
			// Stored first: a reload between the two must know that the number may be used.
			remember();
			socket.say({ ...due.send.body, n: due.send.n } as Parameters<Socket["say"]>[0]);
		}
		if (due.probe) socket.probe();
		const behind = log.poll(now());
		if (behind.after !== null) resume(behind.after);
		const next = Math.min(due.again_at ?? Number.POSITIVE_INFINITY, behind.again_at ?? Number.POSITIVE_INFINITY);
		if (next !== Number.POSITIVE_INFINITY) pumping = setTimeout(pump, Math.max(0, next - now()) + 1);
	}

	function resume(after: number): void {
		if (log.known - after <= FAR_BEHIND) socket?.say({ topic: "session", type: "resume", after });
		else if (!fetching && held !== null) {
			fetching = true;
			void world.log(session, held.memory.page, after).then((answer) => {
				fetching = false;
				if (closed) return;
				if (answer.ok) took(answer.value.events, answer.value.head, answer.value.more);
				else socket?.say({ topic: "session", type: "resume", after });
				pump();
			});
		}
	}

	function remember(): void {
		if (held === null || closed) return;
		const { memory } = held;
		memory.outbox = outbox?.snapshot() ?? null;
		telling.remember(memory);
		held.save();
	}

	/** Nothing may light up any more. */
	function leaving(): boolean {
		return ending.peek() || over || closed;
	}

	const ticking = setInterval(() => {
		if (connection.peek().state !== "live" || unattached.peek() !== null) second.value = now();
	}, TICK_MS);

	void claim(session, world.store, world.locks).then((claimed) => {
		if (closed) {
			claimed.release();
			return;
		}
		held = claimed;
		const { memory } = claimed;
		outbox = new Outbox(world.random, memory.outbox ?? undefined);
		if (outbox.commands.some(({ body }) => body.type === "end")) ending.value = true;
		for (const { id, body, at_ms, after } of outbox.commands)
			if (body.type === "say") lines.wrote(id, body.text, at_ms, after);
		for (const one of outbox.commands) sharing.queued(one);
		sharing.restored(memory.sending);
		publish();
		for (const make of early.splice(0)) make();
		socket = new Socket({
			session,
			page: memory.page,
			seat,
			make: world.connect,
			clock: now,
			random: world.random,
			attached,
			hears,
			told(now_ms) {
				// Every sample is late by its way here, so the largest is the best; it errs towards
				// the past, where a countdown ends a moment late and never early. A step is one of
				// the clocks being set.
				const sample = now_ms - Date.now();
				const step = Math.abs(sample - clockOffset.peek()) > CLOCK_STEP_MS;
				if (step || sample > clockOffset.peek()) clockOffset.value = sample;
			},
			waits(retry_at) {
				outbox?.detached();
				const since = unattached.peek()?.since ?? now();
				unattached.value = { since, retry_at };
			},
			version() {
				if (!world.reloadOnce()) halt({ why: "version" });
			},
			refused() {
				void world.hasSeat(session, seat).then((has) => {
					if (!has) halt({ why: "no_seat" });
				});
			},
		});
		socket.start();
		peer.start(memory.attempt);
	});

	// --- ends

	/** The log's last word: nothing follows but answers that are under way. */
	function ended(): void {
		if (over) return;
		over = true;
		ending.value = false;
		devices.stopAll();
		peer.stop();
		setTimeout(() => {
			held?.forget();
			shut({ why: "call_ended" });
		}, LAST_WORDS_MS);
	}

	function halt(why: Stop): void {
		if (stop.peek() !== null) return;
		batch(() => {
			stop.value = why;
			joined.value = false;
		});
		if (held !== null) {
			held.memory.joined = false;
			held.save();
		}
		shut({ why: why.why === "moved" ? "moved" : "no_seat" });
	}

	/** `unanswered` is what is told to those who still wait. */
	function shut(unanswered: Refusal): void {
		if (closed) return;
		closed = true;
		telling.close();
		sharing.stop();
		unwatchZone();
		ending.value = false;
		devices.stopAll();
		peer.stop();
		socket?.stop();
		around.close();
		clearInterval(ticking);
		clearTimeout(pumping);
		for (const answer of waiting.values()) answer(unanswered);
		waiting.clear();
		early = [];
		held?.release();
		held = null;
	}

	return {
		session,
		seat,
		devices,
		view,
		connection,
		stop,
		ready,
		joined,
		media: telling.media,
		heldElsewhere,
		remote: peer.remote,
		remotePicture: peer.remotePicture,
		otherTyping: around.otherTyping,
		otherHere,
		clockOffset,
		refusal,
		ending,
		dismiss() {
			refusal.value = null;
		},
		lobby(step: LobbyStep) {
			command({ topic: "session", type: "lobby", step });
		},
		rename(name: string) {
			const clean = displayName(name);
			if (clean !== "") command({ topic: "session", type: "rename", name: clean });
		},
		join({ name, videoOnly, take }: JoinOptions) {
			if (ending.peek()) return Promise.resolve({ why: "call_ended" } as const);
			if (videoOnly) devices.stopMicrophone();
			return asked({
				topic: "session",
				type: "join",
				name: displayName(name) || "Guest",
				video_only: videoOnly,
				...telling.begin(),
				take,
			});
		},
		say,
		sayAgain(n: number) {
			const text = lines.takeFailed(n);
			if (text !== null) say(text);
		},
		typing: around.typing,
		setMicrophone: telling.setMicrophone,
		setCamera: telling.setCamera,
		flip: () => devices.flip(),
		shared: sharing.shared,
		async cancel() {
			const refused = await asked({ topic: "session", type: "cancel" });
			return refused !== null && OVER.has(refused.why) ? null : refused;
		},
		async end() {
			ending.value = !closed && !over;
			devices.stopAll();
			const refused = await asked({ topic: "session", type: "end" });
			// Both pressed, or it was over already: what was asked is so.
			return refused !== null && OVER.has(refused.why) ? null : refused;
		},
		retryNow() {
			socket?.probe();
			peer.retryNow();
		},
		close() {
			socket?.say({ topic: "session", type: "leave" });
			shut({ why: "not_attached" });
		},
	};
}

/**
 * The page's own doing, of which its person knows nothing, or which came too late for a board:
 * nothing to be told of.
 */
function isQuiet({ topic, type }: Body, { why }: Refusal): boolean {
	return QUIET.has(type) || (topic === "annotation" && (why === "board_closed" || why === "no_picture"));
}

const QUIET: ReadonlySet<Body["type"]> = new Set(["lobby", "zone", "uploaded", "capture_failed"]);
const OVER: ReadonlySet<Refusal["why"]> = new Set(["call_ended", "invite_cancelled", "invite_expired"]);
/** Handled by `ruled`, or nothing that waiting would change. */
const RULED: ReadonlySet<Refusal["why"]> = new Set(["no_seat", "moved", "not_attached", "call_ended", "not_joined"]);
const TICK_MS = 500;
const CLOCK_STEP_MS = 2_000;
/** Events; more come quicker by HTTP. */
const FAR_BEHIND = 400;
const LAST_WORDS_MS = 3_000;
