// The keyboard on the board: a cursor that draws, tools by number, undo and redo.

import { FAR } from "../../ink/geometry";
import { panned } from "../../ink/zoom";
import type { Shared } from "../../link/picture/contract";
import type { Easel } from "../../ui/board/canvas";
import type { Point } from "../../wire/generated";
import { digitOf, letterOf } from "../key-names";
import { type AgentHand, TOOLS } from "./hand";

/** Handles a key. Returns whether it was meant for the board. */
export function pressed(event: KeyboardEvent, easel: Easel, hand: AgentHand, shared: Shared): boolean {
	const { key } = event;
	if ((event.ctrlKey || event.metaKey) && !event.altKey) {
		const letter = letterOf(event);
		if (letter === "z" && !event.shiftKey) shared.undo();
		else if (letter === "y" || letter === "z") shared.redo();
		else return false;
		return true;
	}
	if (event.altKey) return false;
	const tool = TOOLS[(digitOf(event) ?? 0) - 1];
	if (tool !== undefined) {
		hand.choose(tool);
		return true;
	}
	if (key === "Escape") return hand.giveUp();
	if (!(event.target instanceof HTMLCanvasElement)) return false;
	if (key === "Enter") {
		begin(hand);
		if (!event.repeat) hand.press();
		return true;
	}
	// The space bar pans while it is held; it presses on release.
	if (key === " ") return true;
	const way = WAYS[key];
	const where = easel.lies.peek();
	if (way === undefined || where === null) return false;
	const { width, height } = where.picture;
	const step = (event.shiftKey ? LARGE_STEP : STEP) * Math.max(width, height);
	const from = begin(hand);
	const to: Point = [within(from[0] + (way[0] * step * FAR) / width), within(from[1] + (way[1] * step * FAR) / height)];
	hand.moved(to);
	follow(easel, to);
	return true;
}

/** Shows the cursor. Called when the keyboard reaches the canvas. */
export function begin(hand: AgentHand): Point {
	const at = hand.cursor.peek() ?? [Math.round(FAR / 2), Math.round(FAR / 2)];
	hand.cursor.value = at;
	return at;
}

/** Pans a zoomed picture so that the cursor stays visible. */
function follow(easel: Easel, to: Point): void {
	const where = easel.lies.peek();
	if (where === null) return;
	const box = easel.box.peek();
	const { x, y } = where.spot(to);
	const out = (at: number, room: number): number => (at < EDGE_PX ? EDGE_PX - at : Math.min(0, room - EDGE_PX - at));
	const [dx, dy] = [out(x, box.width), out(y, box.height)];
	if (dx !== 0 || dy !== 0) easel.zoom.value = panned(easel.zoom.peek(), where.picture, box, dx, dy);
}

const within = (coordinate: number): number => Math.round(Math.min(FAR, Math.max(0, coordinate)));

const WAYS: Readonly<Record<string, readonly [number, number]>> = {
	ArrowLeft: [-1, 0],
	ArrowRight: [1, 0],
	ArrowUp: [0, -1],
	ArrowDown: [0, 1],
};
/** Shares of the picture's longer side. */
const STEP = 0.01;
const LARGE_STEP = 0.05;
const EDGE_PX = 24;
