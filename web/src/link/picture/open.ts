// The shared picture of a call: boards, captures, ink, pointer and sending, behind the contract of
// `contract.ts`.

import { batch, computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { stampText } from "../../ink/stamp";
import type { Body, Command, Settled } from "../../session/outbox";
import type { PictureView, View } from "../../session/view";
import { Wishes } from "../../session/wishes";
import { STEP_MAX } from "../../wire/generated";
import type { Event, Ink, PageSays, Refusal, ScreenshotsHears, Seat, Stroke, UtcOffset } from "../../wire/generated";
import type { Frame } from "./capture";
import { Delivery } from "./delivery";
import { captureState, lateAt } from "./capture-state";
import type { Moment } from "../live/live";
import { Pictures } from "./pictures";
import { Sending } from "./sending";
import type { BaseImage, BoardState, CaptureState, Shared, ShownStroke } from "./contract";
import { Stills } from "./stills";
import { Taking } from "./taking";
import { labelText } from "../server/text";
import type { World } from "../world";

/** What the shared picture needs of its call. */
export interface SharingOptions {
	seat: Seat;
	world: World;
	view: ReadonlySignal<View>;
	/** The own camera. */
	camera: ReadonlySignal<MediaStream | null>;
	ready: ReadonlySignal<boolean>;
	joined: ReadonlySignal<boolean>;
	ending: ReadonlySignal<boolean>;
	/** This page is attached to the server. */
	attached: ReadonlySignal<boolean>;
	otherHere: ReadonlySignal<boolean>;
	otherPaused: ReadonlySignal<boolean>;
	/** This page is in the background. */
	hidden: ReadonlySignal<boolean>;
	clockOffset: ReadonlySignal<number>;
	command(body: Body): void;
	asked(body: Body): Promise<Refusal | null>;
	/** Says it over the socket; false while there is none. */
	say(says: PageSays): boolean;
	/** These pictures are being sent: so that a reload can go on with them. */
	sending(pictures: readonly number[]): void;
	/** Something that nobody waits for was refused: the person is told. */
	refused(refused: Refusal): void;
	live: { state(): "open" | "full" | "closed"; say(text: string): boolean };
}

/** What the call tells the shared picture. */
export interface Sharing {
	readonly shared: Shared;
	heard(message: ScreenshotsHears): void;
	/** A text of the other page, over whatever way. */
	text(text: string): void;
	applied(event: Event): void;
	/** The other page went, or is another one. */
	otherGone(): void;
	/** A command was put in line, by this page or in its earlier life. */
	made(command: Pick<Command, "id" | "body">): void;
	/** Pictures that the page was sending in its earlier life. */
	restored(pictures: readonly number[]): void;
	settled(settled: Settled): void;
	attached(): void;
	stop(): void;
}

export function createSharing(options: SharingOptions): Sharing {
	const { seat, world, view, camera, ready, joined, ending, hidden, clockOffset, command, asked, say } = options;
	const { darkroom } = world;
	const other: Seat = seat === "agent" ? "customer" : "agent";
	const wishes = new Wishes(seat);
	/** Moves with every wish. */
	const wished = signal(0);
	/** Moves when something is late. */
	const late = signal(0);
	/** The page's own shutter: pressed, and up to which head the answer is not in the log yet. */
	const pressed = signal<{ id: number; head: number } | null>(null);
	/** Own uploads that are in the store, until their base is told. */
	const landed = new Map<number, { frame: Frame; body: Blob; low: boolean }>();
	/**
	 * Commands about strokes that are not answered, and the head up to which the answered ones are
	 * in the log.
	 */
	const inking = new Set<number>();
	let inked = 0;
	let drained: ((all: boolean) => void)[] = [];
	let quick: Promise<Refusal | "upload_failed" | null> | null = null;
	const quickly = signal<{ picture: number; part: number } | null>(null);
	const over = new AbortController();
	let failing: ReturnType<typeof setTimeout> | undefined;

	const now_ms = (): number => Date.now() + clockOffset.peek();
	const board = computed(() => {
		const { board: id, pictures } = view.value;
		return id === null ? null : (pictures.find((one) => one.id === id) ?? null);
	});

	const pictures = new Pictures({
		say,
		fetch: (url, signal) => world.fetchPicture(url, signal),
		decode: (blob) => darkroom.decode(blob),
		onBoard: () => view.peek().board,
	});
	const delivery = new Delivery({ say, put: (...sent) => world.put(...sent), clock: world.clock });
	const stills = new Stills({
		freeze: (video) => darkroom.freeze(video),
		camera: ownCamera,
		hidden: () => hidden.peek(),
		now_ms,
	});
	const taking = new Taking({
		view: () => view.peek(),
		camera: ownCamera,
		hidden: () => hidden.peek(),
		now_ms,
		still: (picture) => stills.all.peek().get(picture) ?? null,
		grab: (stream, fresh) => darkroom.grab(stream, fresh ? null : stills.source, GRAB_MS),
		jpeg: (frame) => darkroom.jpeg(frame, QUALITY),
		delivery,
		tell: (picture, attempt) => uploaded({ kind: "sharp", picture, attempt }),
		failed: (picture, attempt, why) => command({ topic: "screenshots", type: "capture_failed", picture, attempt, why }),
		landed: (picture, frame, body) => landed.set(picture, { frame, body, low: false }),
	});
	const moment = signal<Moment | null>(null);
	const marks = new Set<number>();
	/** What an earlier life of the page was sending and was not answered. */
	const unsent = signal<ReadonlySet<number>>(new Set());
	/** Commands that tell of a sent picture and are not answered, by their ids. */
	const telling = new Map<number, number>();
	const sending = new Sending({
		view: () => view.peek(),
		drained: () => (isDrained() ? Promise.resolve(true) : new Promise((resolve) => drained.push(resolve))),
		base: (picture) => pictures.base(picture),
		compose: (sheet) => darkroom.compose(sheet),
		delivery,
		tell: (picture, through) => asked({ topic: "screenshots", type: "send", picture, through }),
		adopt: (object, body) => pictures.adopt(object, body),
		remember: (now) => options.sending([...unsent.peek(), ...now.filter((one) => !unsent.peek().has(one))]),
	});

	/** The camera whose picture is taken: the agent's own never is. */
	function ownCamera(): MediaStream | null {
		return seat === "customer" ? camera.peek() : null;
	}

	// --- what the page sees

	const shownInk = computed(() => {
		wished.value;
		const picture = board.value;
		return picture === null ? null : wishes.shown(picture, view.value.head);
	});

	const base = computed<BaseImage | null>(() => {
		const picture = board.value;
		if (picture === null) return null;
		const kept = pictures.bases.value.get(picture.id);
		if (picture.base !== null && kept?.state === "ready") {
			const { image, width, height } = kept.decoded;
			return { image, width, height, quality: picture.base.low_resolution ? "low" : "sharp" };
		}
		const still = stills.all.value.get(picture.id);
		if (still === undefined) return null;
		return { image: still.image, width: still.width, height: still.height, quality: "frame" };
	});

	const coming = steady<CaptureState | null>(() => {
		late.value;
		clockOffset.value;
		const picture = board.value;
		if (picture === null) return null;
		const quickPart = quickly.value?.picture === picture.id ? quickly.value.part : null;
		const customerAway = view.value.seats.customer.away !== null || !options.otherHere.value;
		return captureState({
			seat,
			picture,
			base: pictures.bases.value.get(picture.id),
			progress: taking.progress.value.get(picture.id)?.part ?? quickPart,
			moved_at_ms: taking.progress.value.get(picture.id)?.moved_at_ms ?? null,
			now_ms: now_ms(),
			paused: seat === "customer" ? hidden.value : options.otherPaused.value,
			away: seat === "customer" ? !options.attached.value : customerAway,
			frame: stills.all.value.has(picture.id),
		});
	});

	const boardState = computed<BoardState | null>(() => {
		const picture = board.value;
		const ink = shownInk.value;
		const capture = coming.value;
		if (picture === null || ink === null || capture === null) return null;
		return { picture, base: base.value, capture, ...ink };
	});

	const shutter = computed(() => {
		const { seats, head, pictures: all } = view.value;
		const waiting = pressed.value;
		if (ending.value || (waiting !== null && head < waiting.head)) return "waiting";
		const away = seat === "agent" && seats.customer.away !== null;
		if (!joined.value || !seats[other].joined || away) return "nobody";
		const on = seat === "customer" ? camera.value !== null : seats.customer.camera;
		if (!on) return "camera_off";
		return all.length >= PICTURES_MAX ? "full" : "ready";
	});

	// --- what the log brings about

	let before: readonly PictureView[] = [];

	const unwatchView = effect(() => {
		const now = view.value;
		const mine = seat === "customer" && joined.value && ready.value && !ending.value;
		const ends = ending.value || now.ended !== null;
		untracked(() => {
			if (ends) sending.stop();
			for (const { id } of before) if (!now.pictures.some((one) => one.id === id)) gone(id);
			before = now.pictures;
			const open = board.peek();
			if (open !== null && open.base === null) stills.asked(open);
			if (open !== null && open.base !== null) kept(open);
			if (mine) taking.look();
			if (isDrained()) for (const answer of drained.splice(0)) answer(true);
		});
	});

	const boardId = computed(() => view.value.board);
	const unwatchBoard = effect(() => {
		const picture = boardId.value;
		untracked(() => {
			moment.peek()?.pointing.clear();
			moment.peek()?.inking.keepOnly(picture);
		});
	});

	const unwatchStill = effect(() => {
		for (const [id, one] of pictures.bases.value) if (one.state === "ready") untracked(() => stills.done(id));
	});

	const unwatchLate = effect(() => {
		const picture = board.value;
		late.value;
		clockOffset.value;
		clearTimeout(failing);
		if (picture === null || picture.base !== null) return;
		const left = lateAt(picture, taking.progress.value.get(picture.id)?.moved_at_ms ?? null) - now_ms();
		if (left > 0) {
			failing = setTimeout(() => {
				late.value += 1;
			}, left + 1);
		}
	});

	let zone: UtcOffset | null = null;
	const unwatchZone = effect(() => {
		if (seat !== "customer" || !joined.value || !ready.value || ending.value) return;
		const own = world.utcOffset();
		if (own === null || view.value.utc_offset_min === own || zone === own) return;
		zone = own;
		untracked(() => command({ topic: "session", type: "zone", utc_offset_min: own }));
	});

	/** A reload must not lose what its person has sent: it goes on when the log is here. */
	const unwatchUnsent = effect(() => {
		if (unsent.value.size === 0 || !joined.value || !ready.value || ending.value) return;
		const { pictures: all, lines } = view.value;
		wished.value;
		untracked(() => {
			// Before its strokes are in the log nobody knows whether it is there already.
			if (!isDrained()) return;
			for (const id of unsent.peek()) {
				if ([...telling.values()].includes(id)) continue;
				const picture = all.find((one) => one.id === id);
				const there = lines.some(({ picture: sent }) => sent?.picture === id && sent.through === picture?.touched);
				answered(id);
				if (picture === undefined || there) continue;
				void sending.send(id).then((became) => {
					if (became === "upload_failed") options.refused({ why: "not_uploaded" });
					else if (became !== null && became !== "cancelled") options.refused(became);
				});
			}
		});
	});

	/** Nobody needs to send it again. */
	function answered(picture: number): void {
		const left = new Set(unsent.peek());
		if (!left.delete(picture)) return;
		unsent.value = left;
		sending.remember();
	}

	/**
	 * Looked for with every board until it is there: somebody may have joined where the network was
	 * gone.
	 */
	const unwatchJoined = effect(() => {
		boardId.value;
		if (joined.value) untracked(prepare);
	});

	function prepare(): void {
		darkroom.prepare();
		if (moment.peek() !== null) return;
		const made = world.moment().then(({ createMoment }) => {
			if (over.signal.aborted || moment.peek() !== null) return;
			moment.value = createMoment({ seat, clock: world.clock, mark, board, drawn: draw, live: options.live, say });
		});
		made.catch(() => undefined);
	}

	/** A mark that no stroke of this page has. */
	function mark(): number {
		let one = Math.floor(world.random() * MARKS);
		const strokes = board.peek()?.strokes ?? [];
		while (marks.has(one) || strokes.some(({ stroke }) => stroke.mark === one)) one = (one + 1) % MARKS;
		marks.add(one);
		return one;
	}

	/** The base is there: from this page's own hands, if it was the one that was taken. */
	function kept({ id, base: is }: PictureView): void {
		const own = landed.get(id);
		landed.delete(id);
		const same = own !== undefined && is !== null && own.low === is.low_resolution;
		if (same && own.frame.width === is.width && own.frame.height === is.height) {
			pictures.adopt({ of: "base", picture: id }, own.body);
		} else pictures.want(id);
	}

	function gone(picture: number): void {
		landed.delete(picture);
		sending.gone(picture);
		stills.done(picture);
		pictures.forget(picture);
	}

	/** What it was about to draw, nobody goes on with. */
	function otherGone(): void {
		moment.peek()?.inking.keepOnly(null);
		moment.peek()?.pointing.clear();
	}

	function isDrained(): boolean {
		return inking.size === 0 && view.peek().head >= inked;
	}

	// --- what the page asks

	function onBoard(body: (picture: number) => Body): Promise<Refusal | null> {
		const { board: picture } = view.peek();
		if (picture === null) return Promise.resolve({ why: "board_closed" });
		return wanted(body(picture));
	}

	function wanted(body: Body): Promise<Refusal | null> {
		return ending.peek() ? Promise.resolve({ why: "call_ended" }) : asked(body);
	}

	function ink(type: "undo" | "undo_all" | "redo"): void {
		const { board: picture } = view.peek();
		if (picture !== null && !ending.peek()) command({ topic: "annotation", type, picture });
	}

	function draw(picture: number, stroke: Stroke): void {
		if (!ending.peek()) command({ topic: "annotation", type: "draw", picture, strokes: [stroke] });
	}

	function uploaded(upload: { kind: "sharp"; picture: number; attempt: number } | { kind: "quick"; picture: number }) {
		return asked({ topic: "screenshots", type: "uploaded", upload });
	}

	async function goOn(): Promise<Refusal | "upload_failed" | null> {
		const picture = view.peek().board;
		const still = picture === null ? undefined : stills.all.peek().get(picture);
		if (seat !== "agent" || picture === null || still === undefined) return { why: "no_picture" };
		quickly.value = { picture, part: 0 };
		const body = await darkroom.jpeg(still, QUALITY).catch(() => null);
		if (body === null) return "upload_failed";
		return delivery.deliver({
			upload: { kind: "quick", picture },
			body,
			landed: () => landed.set(picture, { frame: still, body, low: true }),
			tell: () => uploaded({ kind: "quick", picture }),
			progress: (part) => {
				quickly.value = { picture, part };
			},
			signal: over.signal,
		});
	}

	const shared: Shared = {
		board: boardState,
		growing: computed(() => moment.value?.inking.growing.value ?? NOTHING),
		pointer: computed(() => moment.value?.pointing.pointer.value ?? null),
		shutter,
		sending: sending.state,
		source: (video) => stills.show(video),
		capture() {
			// Pressed twice is pressed once.
			if (shutter.peek() === "waiting" && !ending.peek()) return Promise.resolve(null);
			if (shutter.peek() === "ready") stills.pressed();
			return wanted({ topic: "screenshots", type: "capture" });
		},
		captureAgain: () => onBoard((picture) => ({ topic: "screenshots", type: "capture_again", picture })),
		goOnWithFrame() {
			if (ending.peek()) return Promise.resolve({ why: "call_ended" });
			quick ??= goOn().finally(() => {
				quick = null;
				quickly.value = null;
			});
			return quick;
		},
		reload() {
			const { board: picture } = view.peek();
			if (picture !== null) pictures.again(picture);
		},
		draw(tool, at, pressure = null) {
			const open = boardState.peek();
			if (open === null || open.full || ending.peek()) return null;
			// It may not have come yet: asked for again, it is there for the next stroke.
			if (moment.peek() === null) prepare();
			return moment.peek()?.inking.begin(open.picture.id, tool, at, pressure) ?? null;
		},
		put(given) {
			const open = boardState.peek();
			const clean = cleanInk(given);
			if (open !== null && !open.full && clean !== null) draw(open.picture.id, { mark: mark(), ...clean });
		},
		nextStep() {
			const steps = (boardState.peek()?.strokes ?? []).map(({ ink: one }) => (one.tool === "step" ? one.number : 0));
			return Math.min(STEP_MAX, Math.max(0, ...steps) + 1);
		},
		undo: () => ink("undo"),
		undoAll: () => ink("undo_all"),
		redo: () => ink("redo"),
		clear: () => onBoard((picture) => ({ topic: "annotation", type: "clear", picture })),
		async deletePicture() {
			const refused = await onBoard((picture) => ({ topic: "screenshots", type: "delete", picture }));
			// Both pressed: it is gone, as was asked.
			return refused?.why === "no_picture" || refused?.why === "board_closed" ? null : refused;
		},
		async backToLive() {
			const refused = await onBoard((picture) => ({ topic: "screenshots", type: "close", picture }));
			return refused?.why === "board_closed" || refused?.why === "no_picture" ? null : refused;
		},
		open: (picture) => wanted({ topic: "screenshots", type: "open", picture }),
		send() {
			const { board: picture } = view.peek();
			if (ending.peek()) return Promise.resolve({ why: "call_ended" });
			return picture === null ? Promise.resolve({ why: "board_closed" }) : sending.send(picture);
		},
		point: (where, at) => moment.peek()?.pointing.point(where, at),
		load: (object) => pictures.load(object),
		fileName({ picture }, at_ms) {
			const found = view.peek().pictures.find(({ id }) => id === picture);
			const stamp = stampText(found?.taken_at_ms ?? at_ms, view.peek().utc_offset_min).slice(
				0,
				"2026-11-22 14:05:09".length,
			);
			return `sightline-${stamp.replaceAll(":", "").replace(" ", "-")}.jpg`;
		},
	};

	return {
		shared,
		heard(message) {
			if (message.type === "slot") delivery.heardSlot(message.upload, message);
			else if (message.type === "no_slot") delivery.heardSlot(message.upload, message.refusal);
			else if (message.type === "link") pictures.heardLink(message.object, message.url);
			else if (message.type === "no_link") pictures.heardLink(message.object, message.refusal);
		},
		text: (text) => moment.peek()?.inking.heard(text),
		applied(event) {
			moment.peek()?.inking.applied(event);
			if (ABSENT.has(event.type) && "seat" in event && event.seat === other) otherGone();
		},
		otherGone,
		made({ id, body }) {
			if (body.type === "capture") pressed.value = { id, head: Number.POSITIVE_INFINITY };
			if (body.type === "send") telling.set(id, body.picture);
			if (body.topic !== "annotation") return;
			inking.add(id);
			const known = view.peek().pictures.find((one) => "picture" in body && one.id === body.picture);
			wishes.made(id, body, known ?? null);
			wished.value += 1;
		},
		restored(all) {
			unsent.value = new Set(all);
		},
		settled({ command: { id, body }, refused, head }) {
			if (telling.delete(id) && body.type === "send") {
				// What was taken away before it was looked at has to be uploaded again.
				if (refused?.why === "not_uploaded") unsent.value = new Set(unsent.peek());
				else answered(body.picture);
			}
			if (pressed.peek()?.id === id) pressed.value = refused === null ? { id, head: head ?? 0 } : null;
			if (body.topic !== "annotation") return;
			batch(() => {
				inking.delete(id);
				if (refused === null) inked = Math.max(inked, head ?? 0);
				wishes.settled(id, refused, head);
				wished.value += 1;
			});
			if (isDrained()) for (const answer of drained.splice(0)) answer(true);
		},
		attached() {
			delivery.attached();
			pictures.attached();
		},
		stop() {
			for (const unwatch of [
				unwatchView,
				unwatchBoard,
				unwatchStill,
				unwatchLate,
				unwatchZone,
				unwatchUnsent,
				unwatchJoined,
			])
				unwatch();
			clearTimeout(failing);
			over.abort();
			taking.stop();
			sending.stop();
			stills.stop();
			moment.peek()?.stop();
			delivery.stop();
			pictures.stop();
			for (const answer of drained.splice(0)) answer(false);
		},
	};
}

/** What is like before is before: whoever watches hears of changes only. */
function steady<T>(look: () => T): ReadonlySignal<T> {
	let last: { value: T; text: string } | null = null;
	return computed(() => {
		const value = look();
		const text = JSON.stringify(value);
		if (last?.text !== text) last = { value, text };
		return last.value;
	});
}

/** As the server will take it; null where nothing is left. */
function cleanInk(ink: Ink): Ink | null {
	if (ink.tool !== "text") return ink;
	const text = labelText(ink.text);
	return text === "" ? null : { ...ink, text };
}

const NOTHING: readonly ShownStroke[] = [];
/** After these a person's page is not there, or is another one. */
const ABSENT: ReadonlySet<Event["type"]> = new Set(["left", "lost", "moved"]);
const MARKS = 2 ** 32;
/** Of a still. */
const QUALITY = 0.88;
const GRAB_MS = 3_000;
/** The server's default rule. */
const PICTURES_MAX = 50;
