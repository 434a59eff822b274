// Converts the browser's pointer and wheel events for gestures.

import type { Contact } from "./gesture";

/** Positions are pixels from the top left corner of `element`. */
export function contactOf(event: PointerEvent, element: HTMLElement): Contact {
	const { left, top } = element.getBoundingClientRect();
	// Safari before 18.2 lacks it, and a synthetic event has an empty list.
	const events = event.getCoalescedEvents?.() ?? [];
	const all = events.length > 0 ? events : [event];
	const at = (one: PointerEvent) => ({ x: one.clientX - left, y: one.clientY - top });
	return {
		id: event.pointerId,
		kind: event.pointerType === "touch" || event.pointerType === "pen" ? event.pointerType : "mouse",
		at: at(event),
		trail: all.map(at),
		// Fingers and mice report a constant half or 1.
		pressure: event.pointerType === "pen" ? all.map((one) => one.pressure) : null,
		time_ms: event.timeStamp,
	};
}

/** The zoom factor of one wheel event. */
export function wheelFactor(event: WheelEvent): number {
	const px = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1);
	return Math.exp(-px * (event.ctrlKey ? PINCHED : TURNED));
}

const LINE_PX = 16;
const TURNED = 0.0015;
/** A pinch on a trackpad arrives as small turns with Ctrl. */
const PINCHED = 0.01;
