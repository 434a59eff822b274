// The one place with pixels: paints the picture and all ink, and knows where on the screen the picture lies. What does not
// change from one frame to the next, the picture and the finished strokes, is kept on a layer of its own.

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { initialsOf } from "../../ink/colours";
import { isOn, NO_ZOOM, type Placement, placed, type Size, type Spot, toPicture, toSpot, type Zoom } from "../../ink/geometry";
import { paint } from "../../ink/paint";
import type { Call } from "../../link/call";
import type { BaseImage, ShownStroke } from "../../link/shared";
import type { Ink, Point } from "../../wire/generated";

export interface Easel {
	/** CSS pixels. */
	readonly box: ReadonlySignal<Size>;
	readonly zoom: Signal<Zoom>;
	/** Null until there is something to show. */
	readonly lies: ReadonlySignal<Lying | null>;
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
	const who = computed(() => {
		const { agent, customer } = call.view.value.seats;
		return initialsOf(agent.name ?? call.view.value.agent_name, customer.name);
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

	function mount(canvas: HTMLCanvasElement): () => void {
		const still = document.createElement("canvas");
		let painted: readonly unknown[] = [];
		let frame = 0;

		const measure = (): void => {
			const { clientWidth: width, clientHeight: height } = canvas;
			ratio.value = Math.min(RATIO_MAX, window.devicePixelRatio || 1, Math.sqrt(PIXELS_MAX / Math.max(1, width * height)));
			if (width !== box.peek().width || height !== box.peek().height) box.value = { width, height };
		};
		const draw = (): void => {
			frame = 0;
			const where = lies.peek();
			const [width, height] = [Math.round(box.peek().width * ratio.peek()), Math.round(box.peek().height * ratio.peek())];
			fit(canvas, width, height);
			const paper = canvas.getContext("2d");
			if (paper === null) return;
			paper.setTransform(1, 0, 0, 1, 0, 0);
			paper.clearRect(0, 0, width, height);
			if (where === null || width === 0 || height === 0) return;
			const shown = [base.peek(), strokes.peek(), where, ratio.peek(), who.peek()];
			if (shown.some((one, at) => one !== painted[at])) {
				painted = shown;
				fit(still, width, height);
				paintStill(still, where);
			}
			paper.drawImage(still, 0, 0);
			const moving = [...growing.peek(), ...own.peek().map(asStroke)];
			if (moving.length === 0) return;
			paper.setTransform(ratio.peek(), 0, 0, ratio.peek(), 0, 0);
			paint(paper, moving, where.placement, where.picture, who.peek());
		};
		const paintStill = (layer: HTMLCanvasElement, { placement, picture }: Lying): void => {
			const paper = layer.getContext("2d");
			const image = base.peek();
			if (paper === null || image === null) return;
			paper.setTransform(1, 0, 0, 1, 0, 0);
			paper.clearRect(0, 0, layer.width, layer.height);
			paper.setTransform(ratio.peek(), 0, 0, ratio.peek(), 0, 0);
			paintBase(paper, image, placement);
			paint(paper, strokes.peek(), placement, picture, who.peek());
		};
		const asStroke = (ink: Ink, at: number): ShownStroke => ({ mark: -1 - at, seat: call.seat, ink, pending: true });

		measure();
		const observer = new ResizeObserver(measure);
		observer.observe(canvas);
		// Zooming the page may change the density alone.
		addEventListener("resize", measure);
		const stop = effect(() => {
			void [base.value, strokes.value, lies.value, ratio.value, who.value, growing.value, own.value];
			if (frame === 0) frame = requestAnimationFrame(draw);
		});
		return () => {
			stop();
			observer.disconnect();
			removeEventListener("resize", measure);
			cancelAnimationFrame(frame);
		};
	}

	return { box, zoom, lies, mount };
}

function paintBase(paper: CanvasRenderingContext2D, base: BaseImage, { scale, x, y }: Placement): void {
	paper.imageSmoothingQuality = "high";
	try {
		paper.drawImage(base.image, x, y, base.width * scale, base.height * scale);
	} catch {
		// A bitmap that was closed for a better one: that one is about to be painted.
	}
}

/** Setting a size empties a canvas and costs: only when it is another. */
function fit(canvas: HTMLCanvasElement, width: number, height: number): void {
	if (canvas.width !== width) canvas.width = width;
	if (canvas.height !== height) canvas.height = height;
}

const NONE: readonly ShownStroke[] = [];
const RATIO_MAX = 3;
/** Phones give a canvas about 16 million pixels, and two are needed. */
const PIXELS_MAX = 6_000_000;
