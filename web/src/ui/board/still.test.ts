import { expect, test } from "vitest";
import type { BaseImage, ShownStroke } from "../../link/picture/contract";
import { type Layer, type Shown, StillLayer, type StillPaper } from "./still";

/** Counts how often each thing was done to it. */
function counting() {
	const done: Record<string, number> = {};
	const set: Record<string, unknown> = {};
	const paper = new Proxy(set, {
		get: (_, name: string) =>
			name in set
				? set[name]
				: () => {
						done[name] = (done[name] ?? 0) + 1;
					},
		set(_, name: string, value: unknown) {
			set[name] = value;
			return true;
		},
	}) as unknown as StillPaper;
	const count = (name: string): number => {
		const times = done[name] ?? 0;
		done[name] = 0;
		return times;
	};
	return { paper, count };
}

function world() {
	const [screen, under] = [counting(), counting()];
	const layer: Layer = { width: 0, height: 0, getContext: () => under.paper };
	const still = new StillLayer(layer);
	const image = {} as CanvasImageSource;
	return {
		layer,
		/**
		 * How many boxes were painted onto the layer, by the letters in their badges; how often the
		 * base was painted.
		 */
		shows(shown: Partial<Shown>) {
			const done = still.show({ ...SHOWN, ...shown });
			return { done, boxes: under.count("fillText"), bases: under.count("drawImage") };
		},
		/**
		 * What is left to be painted over the layer, which is moved as a whole; how often the base
		 * was painted below it. Null where it has to be painted.
		 */
		moves(shown: Partial<Shown>) {
			const all = { ...SHOWN, ...shown };
			if (!still.canMove(all)) return null;
			const left = still.onto(screen.paper, image, all);
			const below = screen.count("drawImage") - 1;
			expect([under.count("fillText"), under.count("drawImage")]).toEqual([0, 0]);
			return { left: left.map(({ mark }) => mark), below };
		},
		free: () => still.free(),
	};
}

const BASE = { image: {}, width: 400, height: 300, quality: "sharp" } as BaseImage;
const box = (mark: number, pending = false): ShownStroke => ({
	mark,
	seat: "agent",
	ink: { tool: "box", from: [0, 0], to: [9_000, 9_000] },
	pending,
});
const SHOWN: Shown = {
	base: BASE,
	strokes: [box(1), box(2)],
	placement: { scale: 1, x: 0, y: 0 },
	box: { width: 400, height: 300 },
	ratio: 2,
	who: { agent: "A", customer: "B" },
};

test("all is painted once, and nothing while nothing changes", () => {
	const { shows, layer } = world();
	expect(shows({})).toEqual({ done: true, boxes: 2, bases: 1 });
	expect(layer).toMatchObject({ width: 800, height: 600 });
	expect(shows({ who: { agent: "A", customer: "B" }, placement: { scale: 1, x: 0, y: 0 } })).toEqual({
		done: true,
		boxes: 0,
		bases: 0,
	});
});

test("a new stroke is painted onto those before it", () => {
	const { shows } = world();
	shows({});
	expect(shows({ strokes: [...SHOWN.strokes, box(3)] })).toMatchObject({ boxes: 1, bases: 0 });
	expect(shows({ strokes: [...SHOWN.strokes, box(3), box(4), box(5)] })).toMatchObject({ boxes: 2, bases: 0 });
});

test("a stroke that comes into the log is not painted again", () => {
	const { shows } = world();
	shows({ strokes: [box(1), box(2, true)] });
	expect(shows({ strokes: [box(1), box(2)] })).toMatchObject({ boxes: 0, bases: 0 });
});

test("a stroke that is taken back, another order, another letter and a better picture paint all", () => {
	const { shows } = world();
	shows({});
	expect(shows({ strokes: [box(2)] })).toMatchObject({ boxes: 1, bases: 1 });
	expect(shows({ strokes: [box(1), box(2)] })).toMatchObject({ boxes: 2, bases: 1 });
	expect(shows({ strokes: [box(1), { ...box(2), seat: "customer" }] })).toMatchObject({ boxes: 2, bases: 1 });
	expect(shows({ who: { agent: "Z", customer: "B" } })).toMatchObject({ boxes: 2, bases: 1 });
	expect(shows({ base: { ...BASE } })).toMatchObject({ boxes: 2, bases: 1 });
	expect(shows({ box: { width: 300, height: 300 } })).toMatchObject({ boxes: 2, bases: 1 });
});

test("while zooming, the painted layer is scaled; it becomes sharp at rest", () => {
	const { shows, moves } = world();
	shows({});
	const placement = { scale: 2, x: -200, y: -150 };
	const more = [...SHOWN.strokes, box(3)];
	expect(moves({ placement })).toEqual({ left: [], below: 0 });
	expect(moves({ placement, strokes: more })).toEqual({ left: [3], below: 0 });
	expect(shows({ placement, strokes: more })).toMatchObject({ boxes: 3, bases: 1 });
	// Pushed, there is picture where nothing was painted.
	expect(moves({ placement: { ...placement, x: -100 }, strokes: more })).toEqual({ left: [], below: 1 });
});

test("another picture, another size and a stroke that is taken back are painted while zooming, too", () => {
	const { shows, moves } = world();
	const placement = { scale: 2, x: -200, y: -150 };
	expect(moves({ placement })).toBeNull();
	shows({});
	expect(moves({})).toBeNull();
	expect(moves({ placement, base: { ...BASE } })).toBeNull();
	expect(moves({ placement, box: { width: 300, height: 300 } })).toBeNull();
	expect(moves({ placement, strokes: [box(2)] })).toBeNull();
	expect(moves({ placement })).not.toBeNull();
});

test("a missing layer is reported, and a freed one is empty", () => {
	const { shows, layer, free } = world();
	shows({});
	free();
	expect(layer).toMatchObject({ width: 0, height: 0 });
	expect(shows({})).toMatchObject({ boxes: 2 });
	const none = new StillLayer({ width: 0, height: 0, getContext: () => null });
	expect(none.show(SHOWN)).toBe(false);
});
