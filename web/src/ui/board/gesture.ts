// Turns pointer events on a picture into gestures: one finger draws, two zoom, the wheel zooms, the
// pressed wheel or the space bar pans. Once a pen was seen, fingers pan and zoom only: the hand
// that holds the pen lies on the glass, before and long after the pen does. Pure: positions are
// pixels from the corner of the element, and times are arguments.

export interface Position {
	x: number;
	y: number;
}

/** One pointer event. */
export interface Contact {
	id: number;
	kind: "mouse" | "touch" | "pen";
	at: Position;
	/** Every position since the previous event, including `at`. */
	trail: readonly Position[];
	/** 0..1, one for each position of `trail`; null for devices without pressure. */
	pressure: readonly number[] | null;
	time_ms: number;
}

/** What a gesture does. A stroke begins at once and is finished or dropped later. */
export interface Does {
	begin(at: Position, pressure: number | null): void;
	add(trail: readonly Position[], pressure: readonly number[] | null): void;
	finish(): void;
	drop(): void;
	/** Put down and lifted at one place. The handler finishes or drops the begun stroke. */
	tap(at: Position): void;
	/** Two taps at one place. */
	doubleTap(at: Position): void;
	/** Two taps at one place, by fingers that do not draw. */
	show(at: Position): void;
	/** The finished stroke was none: the hand touched the glass just before its pen did. */
	takeBack(): void;
	pan(by: Position): void;
	/** Two fingers moved from one pair of positions to another. */
	pinch(from: readonly [Position, Position], to: readonly [Position, Position]): void;
}

type State =
	| { is: "idle" }
	| { is: "drawing"; id: number; kind: Contact["kind"]; from: Position; last: Position; since_ms: number; far: boolean }
	| { is: "panning"; id: number; last: Position }
	/**
	 * A second finger came, or fingers do not draw: nothing is drawn until all are lifted. `from`:
	 * where the only finger was put down, while it may become a tap.
	 */
	| { is: "zooming"; fingers: Map<number, Position>; from: Position | null };

export class Gesture {
	#state: State = { is: "idle" };
	readonly #does: Does;
	#tapped: { at: Position; time_ms: number } | null = null;
	/** A pen drew on this picture, or hovered over it. */
	#pen = false;
	/** When a finger last finished a stroke. */
	#touched_ms = Number.NEGATIVE_INFINITY;

	constructor(does: Does) {
		this.#does = does;
	}

	/**
	 * `pans`: by the pressed wheel, or the space bar with any button. Returns whether to capture
	 * the pointer.
	 */
	down(contact: Contact, pans: boolean): boolean {
		const { id, kind, at, time_ms } = contact;
		if (kind === "pen") {
			this.#seePen(time_ms);
			// Fingers that pan are the hand that now draws.
			if (this.#state.is === "zooming") this.#state = { is: "idle" };
		}
		const state = this.#state;
		switch (state.is) {
			case "idle":
				if (pans) {
					this.#state = { is: "panning", id, last: at };
					return true;
				}
				if (kind === "touch" && this.#pen) {
					this.#state = { is: "zooming", fingers: new Map([[id, at]]), from: at };
					return true;
				}
				this.#state = { is: "drawing", id, kind, from: at, last: at, since_ms: time_ms, far: false };
				this.#does.begin(at, contact.pressure?.at(-1) ?? null);
				return true;
			case "drawing": {
				if (state.kind !== "touch" || kind !== "touch") return false;
				this.#interrupt(state, time_ms);
				this.#tapped = null;
				this.#state = {
					is: "zooming",
					fingers: new Map([
						[state.id, state.last],
						[id, at],
					]),
					from: null,
				};
				return true;
			}
			case "zooming":
				if (kind !== "touch" || state.fingers.size >= 2) return false;
				state.fingers.set(id, at);
				state.from = null;
				return true;
			case "panning":
				return false;
		}
	}

	move({ id, kind, at, trail, pressure, time_ms }: Contact): void {
		if (kind === "pen") this.#seePen(time_ms);
		const state = this.#state;
		switch (state.is) {
			case "idle":
				return;
			case "drawing":
				if (id !== state.id) return;
				state.last = at;
				state.far ||= trail.some((place) => apart(place, state.from) >= TAP_PX);
				this.#does.add(trail, pressure);
				return;
			case "panning":
				if (id !== state.id) return;
				this.#does.pan({ x: at.x - state.last.x, y: at.y - state.last.y });
				state.last = at;
				return;
			case "zooming": {
				const before = state.fingers.get(id);
				// A resting hand trembles: it moves no picture.
				if (before === undefined || (state.from !== null && apart(at, state.from) < TAP_PX)) return;
				state.from = null;
				state.fingers.set(id, at);
				const other = [...state.fingers].find(([finger]) => finger !== id)?.[1];
				if (other === undefined) this.#does.pan({ x: at.x - before.x, y: at.y - before.y });
				else this.#does.pinch([before, other], [at, other]);
			}
		}
	}

	up(contact: Contact): void {
		const { id, at, time_ms } = contact;
		const state = this.#state;
		// A quick flick may end without a move event: its end is then the only other position
		// known. Otherwise the last move was the end, and a difference comes from the element
		// turning under a resting finger.
		if (state.is === "drawing" && id === state.id && !state.far && apart(at, state.last) >= TAP_PX) this.move(contact);
		switch (state.is) {
			case "idle":
				return;
			case "drawing":
				if (id !== state.id) return;
				this.#state = { is: "idle" };
				if (state.kind === "touch") this.#touched_ms = time_ms;
				if (state.far) {
					this.#tapped = null;
					this.#does.finish();
				} else this.#tap(at, time_ms);
				return;
			case "panning":
				if (id === state.id) this.#state = { is: "idle" };
				return;
			case "zooming":
				if (!state.fingers.delete(id)) return;
				if (state.fingers.size === 0) this.#state = { is: "idle" };
				if (state.from !== null && this.#isSecond(at, time_ms)) this.#does.show(at);
		}
	}

	/** The system took the pointer: a stroke that has moved stays. */
	cancel(id: number): void {
		const state = this.#state;
		if (state.is === "zooming") {
			state.fingers.delete(id);
			if (state.fingers.size === 0) this.#state = { is: "idle" };
			return;
		}
		if (state.is === "idle" || id !== state.id) return;
		this.#state = { is: "idle" };
		if (state.is !== "drawing") return;
		if (state.far) this.#does.finish();
		else this.#does.drop();
	}

	/** From here on fingers do not draw; what one was drawing was the hand that holds the pen. */
	#seePen(time_ms: number): void {
		const first = !this.#pen;
		this.#pen = true;
		const held = this.#state;
		if (held.is === "drawing" && held.kind === "touch") {
			this.#state = { is: "idle" };
			this.#does.drop();
		} else if (!first || time_ms - this.#touched_ms > PALM_MS) return;
		else this.#does.takeBack();
		this.#tapped = null;
	}

	/** A second finger comes: a stroke that has only just begun was the first of two fingers. */
	#interrupt(state: Extract<State, { is: "drawing" }>, time_ms: number): void {
		if (time_ms - state.since_ms < YOUNG_MS || !state.far) this.#does.drop();
		else this.#does.finish();
	}

	#tap(at: Position, time_ms: number): void {
		if (this.#isSecond(at, time_ms)) this.#does.doubleTap(at);
		else this.#does.tap(at);
	}

	/** Whether a tap is the second of two. */
	#isSecond(at: Position, time_ms: number): boolean {
		const before = this.#tapped;
		const second = before !== null && time_ms - before.time_ms < DOUBLE_MS && apart(at, before.at) < DOUBLE_PX;
		this.#tapped = second ? null : { at, time_ms };
		return second;
	}
}

function apart(a: Position, b: Position): number {
	return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Below this distance a finger has not moved. */
const TAP_PX = 8;
/** A stroke younger than this was the first of two fingers: people pinch slowly. */
const YOUNG_MS = 500;
/** The longest time between the two taps of a double tap. */
export const DOUBLE_MS = 300;
const DOUBLE_PX = 30;
/** The hand comes down this long before its pen. */
const PALM_MS = 1_000;
