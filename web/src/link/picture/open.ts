// The shared picture of a call: boards, captures, ink, pointer and sending, behind the contract of
// `contract.ts`.

import { computed, effect, type ReadonlySignal, untracked } from "@preact/signals";
import type { Body, Command, Settled } from "../../session/outbox";
import type { PictureView, View } from "../../session/view";
import type { Event, PageSays, Refusal, ScreenshotsHears, Seat, Upload } from "../../wire/generated";
import { LiveLoader } from "../live/loader";
import type { World } from "../world";
import { SharedPicture } from "./actions";
import { BoardBase } from "./base";
import { CaptureWatch } from "./capture-watch";
import type { Shared } from "./contract";
import { Delivery } from "./delivery";
import { InkQueue } from "./ink-queue";
import { Pictures } from "./pictures";
import { PreviewFrame } from "./preview-frame";
import { ResumedSending } from "./resumed-sending";
import { Sending } from "./sending";
import { Shutter } from "./shutter";
import { Stills } from "./stills";
import { Taking } from "./taking";

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
	/** Queues a command. */
	command(body: Body): void;
	/** Queues a command; resolves with its answer. */
	request(body: Body): Promise<Refusal | null>;
	/** Sends over the socket. Returns false without one. */
	say(says: PageSays): boolean;
	/** Remembers the pictures that are being sent, so that a reload can go on with them. */
	sending(pictures: readonly number[]): void;
	/** Reports a refusal that no caller waits for. */
	refused(refused: Refusal): void;
	live: { state(): "open" | "full" | "closed"; say(text: string): boolean };
}

export class Sharing {
	readonly shared: Shared;

	readonly #options: SharingOptions;
	/** The open board's picture. */
	readonly #board: ReadonlySignal<PictureView | null>;
	readonly #pictures: Pictures;
	readonly #delivery: Delivery;
	readonly #stills: Stills;
	readonly #base: BoardBase;
	readonly #ink: InkQueue;
	readonly #taking: Taking;
	readonly #preview: PreviewFrame;
	readonly #sending: Sending;
	readonly #resumed: ResumedSending;
	readonly #shutter: Shutter;
	readonly #live: LiveLoader;
	readonly #unwatch: readonly (() => void)[];
	/** The pictures of the view before. */
	#before: readonly PictureView[] = [];

	constructor(options: SharingOptions) {
		this.#options = options;
		const { seat, world, view, ending, say, request } = options;
		const board = computed(() => {
			const { board: id, pictures } = view.value;
			return id === null ? null : (pictures.find((one) => one.id === id) ?? null);
		});
		this.#board = board;
		this.#pictures = this.#makePictures();
		this.#delivery = new Delivery({ say, put: (...sent) => world.put(...sent), clock: world.clock });
		this.#stills = this.#makeStills();
		this.#base = new BoardBase({ board, pictures: this.#pictures, stills: this.#stills });
		this.#ink = new InkQueue({ ...options, board, random: world.random });
		this.#taking = this.#makeTaking();
		this.#preview = this.#makePreview();
		this.#sending = this.#makeSending();
		this.#resumed = new ResumedSending({ ...options, ink: this.#ink, sending: this.#sending });
		this.#shutter = new Shutter(options);
		this.#live = new LiveLoader({
			...options,
			board,
			mark: () => this.#ink.mark(),
			drawn: (picture, stroke) => this.#ink.draw(picture, stroke),
			send: (picture) => this.#sending.send(picture),
		});
		const capture = new CaptureWatch({
			...options,
			board,
			now_ms: () => this.#now_ms(),
			pictures: this.#pictures,
			stills: this.#stills,
			taking: this.#taking,
			preview: this.#preview,
		});
		this.shared = new SharedPicture({
			seat,
			view,
			ending,
			request,
			picture: board,
			base: this.#base,
			capture,
			ink: this.#ink,
			live: this.#live,
			pictures: this.#pictures,
			preview: this.#preview,
			sending: this.#sending,
			shutter: this.#shutter,
			stills: this.#stills,
			taking: this.#taking,
			darkroom: world.darkroom,
		});
		this.#unwatch = [...this.#watch(), capture.watch(), this.#resumed.watch(), this.#watchJoined()];
	}

	// --- from the call

	heard(message: ScreenshotsHears): void {
		if (message.type === "slot") this.#delivery.slotAnswered(message.upload, message);
		else if (message.type === "no_slot") this.#delivery.slotAnswered(message.upload, message.refusal);
		else if (message.type === "link") this.#pictures.linkAnswered(message.object, message.url);
		else if (message.type === "no_link") this.#pictures.linkAnswered(message.object, message.refusal);
	}

	/** A text of the other page, over the data channel or the socket. */
	heardText(text: string): void {
		this.#live.heard(text);
	}

	applied(event: Event): void {
		this.#live.applied(event);
		if (ABSENT.has(event.type) && "seat" in event && event.seat !== this.#options.seat) {
			this.otherGone(event.type === "lost");
		}
	}

	/** A picture is on its way to the server. */
	get uploads(): boolean {
		return this.#taking.progress.peek().size > 0 || this.#sending.state.peek() !== null;
	}

	/** The other page went, or is another one. `lost`: it may be back. */
	otherGone(lost = true): void {
		this.#live.otherGone(lost);
	}

	/** A command was queued, by this page or before its reload. */
	queued(command: Pick<Command, "id" | "body">): void {
		this.#shutter.queued(command);
		this.#resumed.queued(command);
		this.#ink.queued(command);
	}

	/** Pictures that the page was sending before its reload. */
	restored(pictures: readonly number[]): void {
		this.#resumed.restored(pictures);
	}

	settled(settled: Settled): void {
		this.#resumed.settled(settled);
		this.#shutter.settled(settled);
		this.#ink.settled(settled);
	}

	attached(): void {
		this.#delivery.attached();
		this.#pictures.attached();
	}

	stop(): void {
		for (const unwatch of this.#unwatch) unwatch();
		this.#preview.stop();
		this.#taking.stop();
		this.#sending.stop();
		this.#stills.stop();
		this.#live.stop();
		this.#delivery.stop();
		// After a call its people may save the pictures that their page has.
		this.#pictures.stop(this.#options.view.peek().ended !== null);
		this.#ink.stop();
	}

	// --- what the log brings about

	#watch(): (() => void)[] {
		const { seat, view, ready, joined, ending } = this.#options;
		const boardId = computed(() => view.value.board);
		return [
			effect(() => {
				const now = view.value;
				const takes = seat === "customer" && joined.value && ready.value && !ending.value;
				const ends = ending.value || now.ended !== null;
				untracked(() => this.#viewChanged(now, takes, ends));
			}),
			effect(() => {
				const picture = boardId.value;
				untracked(() => this.#live.boardChanged(picture));
			}),
			effect(() => {
				for (const [id, base] of this.#pictures.bases.value) {
					if (base.state === "ready") untracked(() => this.#stills.discard(id));
				}
			}),
		];
	}

	/**
	 * The live part is loaded when this page joins, and again with every board until it is there:
	 * the network may have been gone when it joined.
	 */
	#watchJoined(): () => void {
		const { view, joined } = this.#options;
		const boardId = computed(() => view.value.board);
		return effect(() => {
			void boardId.value;
			if (joined.value) untracked(() => this.#live.prepare());
		});
	}

	/** `takes`: this page takes the pictures that are requested. `ends`: the call is over. */
	#viewChanged(now: View, takes: boolean, ends: boolean): void {
		if (ends) this.#sending.stop();
		for (const { id } of this.#before) if (!now.pictures.some((one) => one.id === id)) this.#gone(id);
		this.#before = now.pictures;
		const open = this.#board.peek();
		if (open !== null && open.base === null && open.source === "camera") this.#stills.requested(open);
		if (open !== null && open.base !== null) this.#base.kept(open);
		if (takes) this.#taking.update();
		this.#ink.answerDrained();
	}

	#gone(picture: number): void {
		this.#base.gone(picture);
		this.#sending.gone(picture);
		this.#stills.discard(picture);
		this.#pictures.forget(picture);
	}

	/** Server time. */
	#now_ms(): number {
		return this.#options.world.clock() + this.#options.clockOffset.peek();
	}

	/** The camera whose pictures are taken: the customer's. */
	#ownCamera(): MediaStream | null {
		const { seat, camera } = this.#options;
		return seat === "customer" ? camera.peek() : null;
	}

	#uploaded(upload: Exclude<Upload, { kind: "sent" }>): Promise<Refusal | null> {
		return this.#options.request({ topic: "screenshots", type: "uploaded", upload });
	}

	// --- the parts

	#makePictures(): Pictures {
		const { world, view, say } = this.#options;
		return new Pictures({
			say,
			fetch: (url, signal) => world.fetchPicture(url, signal),
			decode: (blob) => world.darkroom.decode(blob),
			onBoard: () => view.peek().board,
		});
	}

	#makeStills(): Stills {
		const { world, hidden } = this.#options;
		return new Stills({
			freeze: (video) => world.darkroom.freeze(video),
			camera: () => this.#ownCamera(),
			hidden: () => hidden.peek(),
			now_ms: () => this.#now_ms(),
		});
	}

	#makeTaking(): Taking {
		const { world, view, hidden, command } = this.#options;
		const { darkroom } = world;
		return new Taking({
			view: () => view.peek(),
			camera: () => this.#ownCamera(),
			hidden: () => hidden.peek(),
			now_ms: () => this.#now_ms(),
			still: (picture) => this.#stills.all.peek().get(picture) ?? null,
			grab: (stream, fresh) => darkroom.grab(stream, fresh ? null : this.#stills.source, GRAB_MS),
			jpeg: (frame) => darkroom.jpeg(frame, QUALITY),
			lies: (again) => darkroom.lies(again),
			delivery: this.#delivery,
			tell: (picture, attempt) => this.#uploaded({ kind: "sharp", picture, attempt }),
			failed: (picture, attempt, why) =>
				command({ topic: "screenshots", type: "capture_failed", picture, attempt, why }),
			landed: (picture, frame, body) => this.#base.landed(picture, { frame, body, low: false }),
		});
	}

	#makePreview(): PreviewFrame {
		const { seat, world, view } = this.#options;
		return new PreviewFrame({
			view: () => view.peek(),
			still: (picture) => (seat === "agent" ? this.#stills.all.peek().get(picture) : undefined),
			darkroom: world.darkroom,
			quality: QUALITY,
			delivery: this.#delivery,
			tell: (picture) => this.#uploaded({ kind: "quick", picture }),
			landed: (picture, frame, body) => this.#base.landed(picture, { frame, body, low: true }),
		});
	}

	#makeSending(): Sending {
		const { world, view, request, sending } = this.#options;
		return new Sending({
			view: () => view.peek(),
			drained: () => this.#ink.drained(),
			base: (picture) => this.#pictures.base(picture),
			compose: (sheet) => world.darkroom.compose(sheet),
			lies: () => world.darkroom.lies(),
			composedThere: (picture, over) => this.#live.composedThere(picture, over),
			delivery: this.#delivery,
			tell: (picture, through, base) =>
				request({ topic: "screenshots", type: "send", picture, through, ...(base !== undefined && { base }) }),
			adopt: (object, body) => this.#pictures.adopt(object, body),
			remember: (underWay) => sending(this.#resumed.withUnsent(underWay)),
		});
	}
}

/** After these events the person's page is gone, or another one took its place. */
const ABSENT: ReadonlySet<Event["type"]> = new Set(["left", "lost", "moved"]);
/** JPEG quality of a picture as it is taken. */
const QUALITY = 0.88;
const GRAB_MS = 3_000;
