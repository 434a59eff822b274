// What the browser says of a pointer and of a wheel, as a gesture takes it.

import type { Contact } from "./gesture";

/** Places are pixels from the corner of `element`. */
export function contactOf(event: PointerEvent, element: HTMLElement): Contact {
	const { left, top } = element.getBoundingClientRect();
	// Safari before 18.2 has none, and an event made by hand an empty list.
	const events = event.getCoalescedEvents?.() ?? [];
	const all = events.length > 0 ? events : [event];
	const at = (one: PointerEvent) => ({ x: one.clientX - left, y: one.clientY - top });
	return {
		id: event.pointerId,
		kind: event.pointerType === "touch" || event.pointerType === "pen" ? event.pointerType : "mouse",
		at: at(event),
		trail: all.map(at),
		// A finger and a mouse say a half or 1, whatever they do.
		pressure: event.pointerType === "pen" ? all.map((one) => one.pressure) : null,
		time_ms: event.timeStamp,
	};
}

/** How much larger one turn of the wheel makes a picture. */
export function wheelFactor(event: WheelEvent): number {
	const px = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1);
	return Math.exp(-px * (event.ctrlKey ? PINCHED : TURNED));
}

const LINE_PX = 16;
const TURNED = 0.0015;
/** Two fingers on a trackpad arrive as small turns with Ctrl. */
const PINCHED = 0.01;
