// Turns pointer, wheel and space bar events over the picture into gestures of the hand.

import type { Size, Spot } from "../../ink/geometry";
import { NO_ZOOM, panned, pinched, type Zoom, zoomedAt } from "../../ink/zoom";
import type { Easel } from "./canvas";
import { contactOf, wheelFactor } from "./contact";
import { type Does, Gesture } from "./gesture";
import type { Hand } from "./hand";

/**
 * Listens until the returned function is called. `onSpace` is called when the space bar was pressed
 * on the element without panning.
 */
export function handle(element: HTMLElement, easel: Easel, hand: Hand, onSpace: () => void): () => void {
	return new Input(element, easel, hand, onSpace).listen();
}

class Input {
	readonly #element: HTMLElement;
	readonly #easel: Easel;
	readonly #hand: Hand;
	readonly #onSpace: () => void;
	readonly #gesture: Gesture;
	#spaceHeld = false;
	#spacePanned = false;

	constructor(element: HTMLElement, easel: Easel, hand: Hand, onSpace: () => void) {
		this.#element = element;
		this.#easel = easel;
		this.#hand = hand;
		this.#onSpace = onSpace;
		this.#gesture = new Gesture(meaning(easel, hand));
	}

	listen(): () => void {
		const on: readonly [EventTarget, string, (event: never) => void][] = [
			[this.#element, "pointerdown", this.#down],
			[this.#element, "pointermove", this.#move],
			[this.#element, "pointerup", this.#up],
			[this.#element, "pointercancel", this.#cancel],
			[this.#element, "lostpointercapture", this.#cancel],
			[this.#element, "pointerleave", this.#leave],
			[this.#element, "wheel", this.#wheel],
			[this.#element, "mousedown", prevent],
			// Otherwise the browser takes a quick stroke for a fling, and swallows the tap on a
			// button that follows.
			[this.#element, "touchstart", prevent],
			[this.#element, "contextmenu", prevent],
			[window, "keydown", this.#key],
			[window, "keyup", this.#key],
			[window, "blur", this.#blur],
		];
		for (const [target, name, listener] of on)
			target.addEventListener(name, listener as EventListener, { passive: false });
		return () => {
			for (const [target, name, listener] of on) target.removeEventListener(name, listener as EventListener);
			this.#hand.drop();
			this.#hand.hover(null);
		};
	}

	readonly #down = (event: PointerEvent): void => {
		const wheel = event.pointerType === "mouse" && event.button === 1;
		if (event.button !== 0 && !wheel) return;
		// Drawing by hand needs no focus ring around the picture: a key brings it back.
		this.#element.classList.add("by-hand");
		if (this.#element.tabIndex >= 0) this.#element.focus({ preventScroll: true });
		this.#spacePanned ||= this.#spaceHeld;
		this.#hand.hover(null);
		if (!this.#gesture.down(contactOf(event, this.#element), wheel || this.#spaceHeld)) return;
		try {
			this.#element.setPointerCapture(event.pointerId);
		} catch {
			// A pointer that is gone already cannot be captured.
		}
	};

	readonly #move = (event: PointerEvent): void => {
		this.#gesture.move(contactOf(event, this.#element));
		if (event.pointerType === "touch" || event.buttons !== 0) return;
		const where = this.#easel.now();
		const { at } = contactOf(event, this.#element);
		this.#hand.hover(where?.isOn(at) ? where.at(at) : null);
	};

	readonly #up = (event: PointerEvent): void => this.#gesture.up(contactOf(event, this.#element));

	readonly #cancel = (event: PointerEvent): void => this.#gesture.cancel(event.pointerId);

	readonly #leave = (): void => this.#hand.hover(null);

	readonly #wheel = (event: WheelEvent): void => {
		event.preventDefault();
		const { left, top } = this.#element.getBoundingClientRect();
		const at = { x: event.clientX - left, y: event.clientY - top };
		zoom(this.#easel, (before, picture, box) => zoomedAt(before, picture, box, at, wheelFactor(event)));
	};

	readonly #key = (event: KeyboardEvent): void => {
		if (event.type === "keydown") this.#element.classList.remove("by-hand");
		if (event.key !== " ") return;
		const released = event.type === "keyup" && this.#spaceHeld && !this.#spacePanned;
		if (released && event.target === this.#element) this.#onSpace();
		if (!event.repeat) this.#spacePanned = false;
		this.#spaceHeld = event.type === "keydown" && !isField(event.target);
	};

	readonly #blur = (): void => {
		this.#spaceHeld = false;
	};
}

/** What each step of a gesture does to the hand and the zoom. */
function meaning(easel: Easel, hand: Hand): Does {
	/** The gesture began on the picture. */
	let begun = false;
	const ended = (): boolean => {
		easel.inUse.value = false;
		return begun;
	};
	return {
		begin(at, pressure) {
			const where = easel.now();
			begun = where?.isOn(nearer(at, where.placement, where.picture)) ?? false;
			easel.inUse.value = begun;
			if (begun && where !== null) hand.begin(where.at(at), pressure === null ? null : felt(pressure));
		},
		add(trail, pressure) {
			const where = easel.now();
			if (begun && where !== null) hand.add(trail.map(where.at), pressure?.map(felt) ?? null);
		},
		finish: () => {
			if (ended()) hand.finish();
		},
		drop: () => {
			if (ended()) hand.drop();
		},
		tap(at) {
			const where = easel.now();
			if (ended() && where !== null) hand.tap(where.at(at), easel.zoom.peek().factor > 1);
		},
		doubleTap(at) {
			if (easel.zoom.peek().factor > 1) {
				ended();
				hand.untap();
				easel.zoom.value = NO_ZOOM;
			} else this.tap(at);
		},
		show: () => {
			easel.zoom.value = NO_ZOOM;
		},
		takeBack: () => {
			if (begun) hand.takeBack();
		},
		pan: ({ x, y }) => zoom(easel, (before, picture, box) => panned(before, picture, box, x, y)),
		pinch: (from, to) => zoom(easel, (before, picture, box) => pinched(before, picture, box, from, to)),
	};
}

function zoom(easel: Easel, how: (before: Zoom, picture: Size, box: Size) => Zoom): void {
	const where = easel.lies.peek();
	if (where !== null) easel.zoom.value = how(easel.zoom.peek(), where.picture, easel.box.peek());
}

/**
 * A pressed wheel would scroll, a long touch open a menu, and the mouse event after a touch take
 * the focus from a field that the touch has opened.
 */
function prevent(event: Event): void {
	event.preventDefault();
}

/** Zooms about the middle of the box. */
export function zoomBy(easel: Easel, factor: number): void {
	const where = easel.lies.peek();
	const box = easel.box.peek();
	if (where === null) return;
	easel.zoom.value = zoomedAt(easel.zoom.peek(), where.picture, box, { x: box.width / 2, y: box.height / 2 }, factor);
}

export function isField(target: EventTarget | null): boolean {
	return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export const ZOOM_STEP = 1.5;

/** A finger put down just beside the picture means its edge. */
function nearer(spot: Spot, { scale, x, y }: { scale: number; x: number; y: number }, { width, height }: Size): Spot {
	const near = (value: number, from: number, length: number): number => {
		const inside = Math.min(from + length, Math.max(from, value));
		return Math.abs(value - inside) <= BESIDE_PX ? inside : value;
	};
	return { x: near(spot.x, x, width * scale), y: near(spot.y, y, height * scale) };
}

const felt = (pressure: number): number => Math.round(Math.min(1, Math.max(0, pressure)) * 255);

const BESIDE_PX = 16;
