// Pointer, wheel and space bar over the picture become a gesture, and the gesture what the hand
// does.

import { NO_ZOOM, panned, pinched, type Size, type Spot, type Zoom, zoomedAt } from "../../ink/geometry";
import type { Easel } from "./canvas";
import { contactOf, wheelFactor } from "./contact";
import { Gesture } from "./gesture";
import type { Hand } from "./hand";

/**
 * Listens until the returned function is called. `onSpace`: the space bar was pressed on the
 * element and panned nothing.
 */
export function handle(element: HTMLElement, easel: Easel, hand: Hand, onSpace: () => void): () => void {
	let spaceHeld = false;
	let spacePanned = false;
	/** The gesture began on the picture. */
	let begun = false;

	const gesture = new Gesture({
		begin(at, pressure) {
			const where = easel.now();
			begun = where?.isOn(nearer(at, where.placement, where.picture)) ?? false;
			if (begun && where !== null) hand.begin(where.at(at), pressure === null ? null : felt(pressure));
		},
		add(trail, pressure) {
			const where = easel.now();
			if (begun && where !== null) hand.add(trail.map(where.at), pressure?.map(felt) ?? null);
		},
		finish: () => {
			if (begun) hand.finish();
		},
		drop: () => {
			if (begun) hand.drop();
		},
		tap(at) {
			const where = easel.now();
			if (begun && where !== null) hand.tap(where.at(at), easel.zoom.peek().factor > 1);
		},
		doubleTap(at) {
			if (easel.zoom.peek().factor > 1) {
				hand.untap();
				easel.zoom.value = NO_ZOOM;
			} else this.tap(at);
		},
		pan: ({ x, y }) => change((zoom, picture, box) => panned(zoom, picture, box, x, y)),
		pinch: (from, to) => change((zoom, picture, box) => pinched(zoom, picture, box, from, to)),
	});

	function change(how: (zoom: Zoom, picture: Size, box: Size) => Zoom): void {
		const where = easel.lies.peek();
		if (where !== null) easel.zoom.value = how(easel.zoom.peek(), where.picture, easel.box.peek());
	}

	const contact = (event: PointerEvent) => contactOf(event, element);
	const down = (event: PointerEvent): void => {
		const wheel = event.pointerType === "mouse" && event.button === 1;
		if (event.button !== 0 && !wheel) return;
		// Whoever draws by hand needs no ring around the picture: a key brings it back.
		element.classList.add("by-hand");
		if (element.tabIndex >= 0) element.focus({ preventScroll: true });
		spacePanned ||= spaceHeld;
		hand.hover(null);
		if (gesture.down(contact(event), wheel || spaceHeld)) {
			// A pointer that is gone already cannot be captured.
			try {
				element.setPointerCapture(event.pointerId);
			} catch {
				// The stroke goes on without: only leaving the element ends it early.
			}
		}
	};
	const move = (event: PointerEvent): void => {
		gesture.move(contact(event));
		if (event.pointerType === "touch" || event.buttons !== 0) return;
		const where = easel.now();
		const { at } = contact(event);
		hand.hover(where?.isOn(at) ? where.at(at) : null);
	};
	const up = (event: PointerEvent): void => gesture.up(contact(event));
	const cancel = (event: PointerEvent): void => gesture.cancel(event.pointerId);
	const leave = (): void => hand.hover(null);
	const wheel = (event: WheelEvent): void => {
		event.preventDefault();
		const { left, top } = element.getBoundingClientRect();
		const at = { x: event.clientX - left, y: event.clientY - top };
		change((zoom, picture, box) => zoomedAt(zoom, picture, box, at, wheelFactor(event)));
	};
	// A pressed wheel would scroll, a long touch open a menu, and the mouse's echo of a touch take
	// the focus from a field that the touch has opened.
	const no = (event: Event): void => event.preventDefault();
	const key = (event: KeyboardEvent): void => {
		if (event.type === "keydown") element.classList.remove("by-hand");
		if (event.key !== " ") return;
		if (event.type === "keyup" && spaceHeld && !spacePanned && event.target === element) onSpace();
		if (!event.repeat) spacePanned = false;
		spaceHeld = event.type === "keydown" && !isField(event.target);
	};
	const blur = (): void => {
		spaceHeld = false;
	};

	const on: readonly [EventTarget, string, (event: never) => void][] = [
		[element, "pointerdown", down],
		[element, "pointermove", move],
		[element, "pointerup", up],
		[element, "pointercancel", cancel],
		[element, "lostpointercapture", cancel],
		[element, "pointerleave", leave],
		[element, "wheel", wheel],
		[element, "mousedown", no],
		// Otherwise the browser takes a quick stroke for a fling, and swallows the tap on a button
		// that follows.
		[element, "touchstart", no],
		[element, "contextmenu", no],
		[window, "keydown", key],
		[window, "keyup", key],
		[window, "blur", blur],
	];
	for (const [target, name, listener] of on)
		target.addEventListener(name, listener as EventListener, { passive: false });
	return () => {
		for (const [target, name, listener] of on) target.removeEventListener(name, listener as EventListener);
		hand.drop();
		hand.hover(null);
	};
}

/** Larger or smaller about the middle of the screen. */
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

/** A finger that is put down just beside the picture means its edge. */
function nearer(spot: Spot, { scale, x, y }: { scale: number; x: number; y: number }, { width, height }: Size): Spot {
	const near = (value: number, from: number, length: number): number => {
		const inside = Math.min(from + length, Math.max(from, value));
		return Math.abs(value - inside) <= BESIDE_PX ? inside : value;
	};
	return { x: near(spot.x, x, width * scale), y: near(spot.y, y, height * scale) };
}

const felt = (pressure: number): number => Math.round(Math.min(1, Math.max(0, pressure)) * 255);

const BESIDE_PX = 16;
