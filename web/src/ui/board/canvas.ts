// The only place with pixels: paints the picture and all ink, and knows where the picture lies on
// the screen. The picture and finished strokes, which seldom change, have a canvas of their own
// under that of the ink: a browser without a graphics processor takes long to paint one onto the
// other.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Initials, initialsOf } from "../../ink/colours";
import { isOn, type Placement, type Size, type Spot, toPicture, toSpot } from "../../ink/geometry";
import { NO_ZOOM, placed, type Zoom } from "../../ink/zoom";
import { paint } from "../../ink/paint";
import type { Call } from "../../link/call";
import type { ShownStroke } from "../../link/picture/contract";
import { SEATS } from "../../wire/seats";
import { namesOf } from "../../session/view";
import type { Ink, Point } from "../../wire/generated";
import { resize, type Shown, StillLayer } from "./still";

/** Where the picture lies in the box. */
export interface Lying {
	picture: Size;
	placement: Placement;
	/** The nearest point on the picture. */
	at(spot: Spot): Point;
	spot(at: Point): Spot;
	isOn(spot: Spot): boolean;
}

/** What is on the screen while the easel is mounted. */
interface Mounted {
	/** Of what moves. */
	readonly canvas: HTMLCanvasElement;
	/** Below it: the picture and finished strokes. */
	readonly under: HTMLCanvasElement;
	readonly still: StillLayer;
	/** Something is on the upper canvas. */
	inked: boolean;
	/** The frame that was asked for; 0 when none was. */
	frame: number;
	/** Runs during zooming and panning. */
	resting: ReturnType<typeof setTimeout> | undefined;
}

/** The canvas of one open board. */
export class Easel {
	/** CSS pixels. */
	readonly box = signal<Size>({ width: 0, height: 0 });
	readonly zoom = signal<Zoom>(NO_ZOOM);
	/** The browser provides no canvas. */
	readonly blank = signal(false);
	/** A finger, a pen or a mouse is drawing. */
	readonly inUse = signal(false);
	/** Null until there is a picture to show. */
	readonly lies: ReadonlySignal<Lying | null> = computed(() => this.#lying());
	readonly #call: Call;
	/** What this person is drawing at the moment. */
	readonly #own: ReadonlySignal<readonly Ink[]>;
	readonly #ratio = signal(1);
	readonly #tries = signal(0);
	readonly #base = computed(() => this.#call.shared.board.value?.base ?? null);
	readonly #strokes = computed(() => this.#call.shared.board.value?.strokes ?? NONE);
	readonly #initials = computed(() => this.#sameInitials(initialsOf(namesOf(this.#call.view.value))));
	#lastInitials: Initials | null = null;
	#mounted: Mounted | null = null;

	constructor(call: Call, own: ReadonlySignal<readonly Ink[]>) {
		this.#call = call;
		this.#own = own;
	}

	/** Where the picture lies at this moment, if the layout changed since the last frame too. */
	now(): Lying | null {
		this.#measure();
		return this.lies.peek();
	}

	/** Tries to paint once more. */
	again(): void {
		this.#tries.value += 1;
	}

	/** Paints until the returned function is called. `under` lies below `canvas`. */
	mount(canvas: HTMLCanvasElement, under: HTMLCanvasElement): () => void {
		const still = new StillLayer(under);
		const mounted: Mounted = { canvas, under, still, inked: false, frame: 0, resting: undefined };
		this.#mounted = mounted;
		const measure = (): void => this.#measure();
		// It calls at once when the page is laid out.
		const observer = new ResizeObserver(measure);
		observer.observe(canvas);
		// Zooming the page may change the density alone.
		addEventListener("resize", measure);
		const stop = this.#repaint(mounted);
		return () => {
			stop();
			observer.disconnect();
			removeEventListener("resize", measure);
			cancelAnimationFrame(mounted.frame);
			clearTimeout(mounted.resting);
			this.#mounted = null;
			mounted.still.free();
			canvas.width = canvas.height = 0;
		};
	}

	#lying(): Lying | null {
		const picture = this.#base.value;
		const box = this.box.value;
		if (picture === null || box.width === 0 || box.height === 0) return null;
		const size = { width: picture.width, height: picture.height };
		const placement = placed(size, box, this.zoom.value);
		return {
			picture: size,
			placement,
			at: (spot) => toPicture(placement, size, spot),
			spot: (at) => toSpot(placement, size, at),
			isOn: (spot) => isOn(placement, size, spot),
		};
	}

	/**
	 * The same letters are the same object: otherwise each line of the chat would paint all
	 * strokes.
	 */
	#sameInitials(found: Initials): Initials {
		const last = this.#lastInitials;
		if (last !== null && SEATS.every((seat) => last[seat] === found[seat])) return last;
		this.#lastInitials = found;
		return found;
	}

	#measure(): void {
		if (this.#mounted === null) return;
		const { clientWidth: width, clientHeight: height } = this.#mounted.canvas;
		const dense = Math.sqrt(PIXELS_MAX / Math.max(1, width * height));
		this.#ratio.value = Math.min(RATIO_MAX, window.devicePixelRatio || 1, dense);
		const box = this.box.peek();
		if (width !== box.width || height !== box.height) this.box.value = { width, height };
	}

	/** Asks for a frame whenever something that is painted changes. */
	#repaint(mounted: Mounted): () => void {
		const wanted = (): void => {
			if (mounted.frame === 0) mounted.frame = requestAnimationFrame(() => this.#draw(mounted));
		};
		const rest = (): void => {
			mounted.resting = undefined;
			wanted();
		};
		let zoomed = this.zoom.peek();
		return effect(() => {
			void [this.#base.value, this.#strokes.value, this.lies.value, this.#ratio.value, this.#initials.value];
			void [this.#call.shared.growing.value, this.#own.value, this.#tries.value];
			if (this.zoom.value !== zoomed) {
				zoomed = this.zoom.value;
				clearTimeout(mounted.resting);
				mounted.resting = setTimeout(rest, RESTS_MS);
			}
			wanted();
		});
	}

	#draw(mounted: Mounted): void {
		mounted.frame = 0;
		const where = this.lies.peek();
		const base = this.#base.peek();
		const box = this.box.peek();
		const seen = where !== null && base !== null && box.width > 0 && box.height > 0;
		mounted.under.hidden = !seen;
		if (!seen) {
			this.#wipe(mounted);
			return;
		}
		const { placement } = where;
		const [strokes, who, ratio] = [this.#strokes.peek(), this.#initials.peek(), this.#ratio.peek()];
		const shown: Shown = { base, strokes, placement, box, ratio, who };
		const left = this.#drawStill(mounted, shown);
		const own = this.#own.peek().map((ink, at) => this.#asStroke(ink, at));
		const moving = [...left, ...this.#call.shared.growing.peek(), ...own];
		if (moving.length === 0) return;
		const paper = this.#paper(mounted, shown);
		paper?.setTransform(ratio, 0, 0, ratio, 0, 0);
		if (paper) paint(paper, moving, placement, where.picture, who);
	}

	/**
	 * Shows the picture and finished strokes. Returns those strokes that are still to be painted.
	 * While the picture moves, what is painted is scaled onto the upper canvas.
	 */
	#drawStill(mounted: Mounted, shown: Shown): readonly ShownStroke[] {
		const { under, still } = mounted;
		this.#wipe(mounted);
		const paper = mounted.resting !== undefined && still.canMove(shown) ? this.#paper(mounted, shown) : null;
		under.hidden = paper !== null;
		if (paper !== null) return still.onto(paper, under, shown);
		const done = still.show(shown);
		this.blank.value = !done;
		return done ? NONE : shown.strokes;
	}

	/** The upper canvas, which gets its size, which takes long, once something is on it. */
	#paper(mounted: Mounted, size: Pick<Shown, "box" | "ratio">): CanvasRenderingContext2D | null {
		resize(mounted.canvas, size);
		const paper = mounted.canvas.getContext("2d");
		if (paper === null) this.blank.value = true;
		else mounted.inked = true;
		return paper;
	}

	#wipe(mounted: Mounted): void {
		if (!mounted.inked) return;
		mounted.inked = false;
		const { canvas } = mounted;
		const paper = canvas.getContext("2d");
		paper?.setTransform(1, 0, 0, 1, 0, 0);
		paper?.clearRect(0, 0, canvas.width, canvas.height);
	}

	#asStroke(ink: Ink, at: number): ShownStroke {
		return { mark: -1 - at, seat: this.#call.seat, ink, pending: true };
	}
}

const NONE: readonly ShownStroke[] = [];
const RATIO_MAX = 3;
/** Phones allow about 16 million pixels of canvas, and two canvases are needed. */
const PIXELS_MAX = 6_000_000;
/** Zooming and panning are over after this pause. */
const RESTS_MS = 120;
