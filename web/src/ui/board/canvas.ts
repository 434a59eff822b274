// The one place with pixels: paints the picture and all ink, and knows where on the screen the
// picture lies. What does not change from one frame to the next, the picture and the finished
// strokes, is kept on a layer of its own.

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Initials, initialsOf } from "../../ink/colours";
import {
	isOn,
	NO_ZOOM,
	type Placement,
	placed,
	type Size,
	type Spot,
	toPicture,
	toSpot,
	type Zoom,
} from "../../ink/geometry";
import { paint } from "../../ink/paint";
import type { Call } from "../../link/call";
import type { ShownStroke } from "../../link/picture/contract";
import { SEATS } from "../../wire/seats";
import { namesOf } from "../../session/view";
import type { Ink, Point } from "../../wire/generated";
import { resize, Still } from "./still";

export interface Easel {
	/** CSS pixels. */
	readonly box: ReadonlySignal<Size>;
	readonly zoom: Signal<Zoom>;
	/** Null until there is something to show. */
	readonly lies: ReadonlySignal<Lying | null>;
	/** The browser gives no canvas to paint on. */
	readonly blank: ReadonlySignal<boolean>;
	/** Where it lies at this moment, if the layout changed since the last frame too. */
	now(): Lying | null;
	/** Tries to paint once more. */
	again(): void;
	/** Paints until the returned function is called. */
	mount(canvas: HTMLCanvasElement): () => void;
}

/** Where the picture lies in the box. */
export interface Lying {
	picture: Size;
	placement: Placement;
	/** The nearest place on the picture. */
	at(spot: Spot): Point;
	spot(at: Point): Spot;
	isOn(spot: Spot): boolean;
}

/** `own`: what this person is drawing at the moment. */
export function createEasel(call: Call, own: ReadonlySignal<readonly Ink[]>): Easel {
	const { board, growing } = call.shared;
	const box = signal<Size>({ width: 0, height: 0 });
	const ratio = signal(1);
	const zoom = signal<Zoom>(NO_ZOOM);
	const base = computed(() => board.value?.base ?? null);
	const strokes = computed(() => board.value?.strokes ?? NONE);
	const blank = signal(false);
	const tries = signal(0);
	let letters: Initials | null = null;
	// The same letters are the same object, or every line of the chat would paint all strokes
	// again.
	const who = computed(() => {
		const found = initialsOf(namesOf(call.view.value));
		if (SEATS.some((seat) => letters?.[seat] !== found[seat])) letters = found;
		return letters ?? found;
	});

	const lies = computed<Lying | null>(() => {
		const picture = base.value;
		if (picture === null || box.value.width === 0 || box.value.height === 0) return null;
		const size = { width: picture.width, height: picture.height };
		const placement = placed(size, box.value, zoom.value);
		return {
			picture: size,
			placement,
			at: (spot) => toPicture(placement, size, spot),
			spot: (at) => toSpot(placement, size, at),
			isOn: (spot) => isOn(placement, size, spot),
		};
	});

	/** The canvas that is shown; null before it is, and after. */
	let sheet: HTMLCanvasElement | null = null;
	const measure = (): void => {
		if (sheet === null) return;
		const { clientWidth: width, clientHeight: height } = sheet;
		ratio.value = Math.min(
			RATIO_MAX,
			window.devicePixelRatio || 1,
			Math.sqrt(PIXELS_MAX / Math.max(1, width * height)),
		);
		if (width !== box.peek().width || height !== box.peek().height) box.value = { width, height };
	};

	function mount(canvas: HTMLCanvasElement): () => void {
		const layer = document.createElement("canvas");
		const still = new Still(layer);
		let frame = 0;
		let zoomed = zoom.peek();
		let resting: ReturnType<typeof setTimeout> | undefined;
		sheet = canvas;

		const draw = (): void => {
			frame = 0;
			const where = lies.peek();
			const image = base.peek();
			const size = { box: box.peek(), ratio: ratio.peek() };
			resize(canvas, size);
			const paper = canvas.getContext("2d");
			if (paper === null) {
				blank.value = true;
				return;
			}
			paper.setTransform(1, 0, 0, 1, 0, 0);
			paper.clearRect(0, 0, canvas.width, canvas.height);
			if (where === null || image === null || canvas.width === 0 || canvas.height === 0) return;
			const shown = { ...size, base: image, strokes: strokes.peek(), placement: where.placement, who: who.peek() };
			const left = still.onto(paper, layer, shown, resting !== undefined);
			blank.value = left === null;
			const moving = [...(left ?? shown.strokes), ...growing.peek(), ...own.peek().map(asStroke)];
			if (moving.length === 0) return;
			paper.setTransform(ratio.peek(), 0, 0, ratio.peek(), 0, 0);
			paint(paper, moving, where.placement, where.picture, who.peek());
		};
		const wanted = (): void => {
			if (frame === 0) frame = requestAnimationFrame(draw);
		};
		const rest = (): void => {
			resting = undefined;
			wanted();
		};
		const asStroke = (ink: Ink, at: number): ShownStroke => ({ mark: -1 - at, seat: call.seat, ink, pending: true });

		measure();
		const observer = new ResizeObserver(measure);
		observer.observe(canvas);
		// Zooming the page may change the density alone.
		addEventListener("resize", measure);
		const stop = effect(() => {
			void [base.value, strokes.value, lies.value, ratio.value, who.value, growing.value, own.value, tries.value];
			if (zoom.value !== zoomed) {
				zoomed = zoom.value;
				clearTimeout(resting);
				resting = setTimeout(rest, RESTS_MS);
			}
			wanted();
		});
		return () => {
			stop();
			observer.disconnect();
			removeEventListener("resize", measure);
			cancelAnimationFrame(frame);
			clearTimeout(resting);
			sheet = null;
			still.free();
			canvas.width = canvas.height = 0;
		};
	}

	return {
		box,
		zoom,
		lies,
		blank,
		now() {
			measure();
			return lies.peek();
		},
		again: () => (tries.value += 1),
		mount,
	};
}

const NONE: readonly ShownStroke[] = [];
const RATIO_MAX = 3;
/** Phones give a canvas about 16 million pixels, and two are needed. */
const PIXELS_MAX = 6_000_000;
/** Nobody zooms or pushes any more. */
const RESTS_MS = 120;
