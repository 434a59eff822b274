// What this page wants of the boards and the log does not tell yet: own strokes are seen, taken
// back and brought back at once. Every wish names strokes by their marks and says how they shall
// be, never how to change them, so that its event may come before or after its answer, or be in the
// log already.

import type { Refusal, Seat, Stroke } from "../wire/generated";
import { fromLog } from "./boards";
import type { Body } from "./outbox";
import type { PictureView, ShownStroke, StrokeView } from "./view";

/** What is to be painted of a board, and what may be asked of it. */
export interface ShownBoard {
	/** Standing strokes in the order to paint them, own unsent ones last. */
	strokes: readonly ShownStroke[];
	/** For this page's own strokes. */
	canUndo: boolean;
	canRedo: boolean;
	/** Anybody's strokes stand. */
	canClear: boolean;
	/** The limit of strokes is reached. */
	full: boolean;
}

type Kind = "draw" | "undo" | "undo_all" | "redo" | "clear";

/** A command on its way into the log. */
interface Wish {
	id: number;
	picture: number;
	kind: Kind;
	/** What a `draw` adds. */
	drawn: readonly ShownStroke[];
	/**
	 * Of these, what the log has told: it stays the log's business, also when it is taken away
	 * again.
	 */
	told: Set<number>;
	/** What the others are about, as it looked when they were made. */
	targets: ReadonlySet<string>;
	/** Its events are in the log at this head; null while unanswered. */
	head: number | null;
}

/** A stroke on the way to being shown. */
interface Entry {
	stroke: ShownStroke;
	/** Taken back, and with which others: the highest came last. Null while it stands. */
	undone: number | null;
	/** Taken back and never to return. */
	forgotten: boolean;
}

/** This page's own commands about strokes. */
export class Wishes {
	readonly #seat: Seat;
	#wishes: Wish[] = [];
	#head = 0;
	/** So that a stroke of the log is one object for all its life. */
	readonly #logged = new WeakMap<Stroke, ShownStroke>();
	#last: { picture: PictureView; board: ShownBoard } | null = null;
	#changed = false;

	constructor(seat: Seat) {
		this.#seat = seat;
	}

	/**
	 * A command was made (or restored), in the order in which they are made; strokes that joined a
	 * command in line come with its id again, alone or with those before. `picture` is what the log
	 * tells of it, null when that is not known: then it is not known either what an undo is about,
	 * and it shows when the log tells.
	 */
	made(id: number, body: Body, picture: PictureView | null): void {
		if (body.topic !== "annotation") return;
		this.#changed = true;
		const known = this.#wishes.find((wish) => wish.id === id);
		if (body.type === "draw") {
			const strokes = body.strokes.map(({ mark, ...ink }) => ({ mark, seat: this.#seat, ink, pending: true }));
			if (known === undefined) this.#push(id, body.picture, "draw", strokes, new Set());
			else
				known.drawn = [...known.drawn, ...strokes.filter(({ mark }) => known.drawn.every((one) => one.mark !== mark))];
			return;
		}
		if (known !== undefined) return;
		const targets =
			picture === null || picture.id !== body.picture ? [] : this.#targets(body.type, this.#entries(picture));
		this.#push(id, body.picture, body.type, [], new Set(targets.map(({ stroke }) => key(stroke))));
	}

	/**
	 * Its command is answered; a refused one is as if it had never been made. `head` null: it was
	 * taken and nobody knows at which head. Then the newest head shown counts, so a caller that
	 * knows of a newer one should name that.
	 */
	settled(id: number, refused: Refusal | null, head: number | null): void {
		const wish = this.#wishes.find((one) => one.id === id);
		if (wish === undefined) return;
		this.#changed = true;
		if (refused === null) wish.head = head ?? this.#head;
		else this.#wishes = this.#wishes.filter((one) => one !== wish);
	}

	/**
	 * The board with this page's wishes, when the log was applied up to `head`. The identical
	 * object while nothing changed.
	 */
	shown(picture: PictureView, head: number): ShownBoard {
		this.#head = Math.max(this.#head, head);
		this.#learn(picture);
		const last = this.#last;
		if (last !== null && last.picture === picture && !this.#changed) return last.board;
		this.#changed = false;
		const board = this.#board(this.#entries(picture));
		const same = last !== null && last.picture.id === picture.id && isSame(last.board, board);
		this.#last = { picture, board: same ? last.board : kept(last?.board.strokes, board) };
		return this.#last.board;
	}

	#push(id: number, picture: number, kind: Kind, drawn: readonly ShownStroke[], targets: ReadonlySet<string>): void {
		this.#wishes.push({ id, picture, kind, drawn, told: new Set(), targets, head: null });
	}

	/** Lets go what the log has caught up with, and notes which strokes on their way it tells. */
	#learn(picture: PictureView): void {
		const left = this.#wishes.filter((wish) => wish.head === null || wish.head > this.#head);
		if (left.length < this.#wishes.length) {
			this.#wishes = left;
			this.#changed = true;
		}
		const drawing = left.filter((wish) => wish.kind === "draw" && wish.picture === picture.id);
		if (drawing.length === 0) return;
		const own = new Set(picture.strokes.filter(({ seat }) => seat === this.#seat).map(({ stroke }) => stroke.mark));
		for (const wish of drawing) {
			for (const { mark } of wish.drawn) if (own.has(mark)) wish.told.add(mark);
		}
	}

	/** All strokes of a picture as this page wants them. */
	#entries(picture: PictureView): Entry[] {
		let entries = picture.strokes.map(
			(one): Entry => ({ stroke: this.#ofLog(one), undone: one.undone, forgotten: false }),
		);
		const known = new Set(entries.map(({ stroke }) => key(stroke)));
		for (const wish of this.#wishes) {
			if (wish.picture !== picture.id) continue;
			if (wish.kind === "draw") {
				const fresh = wish.drawn.filter((stroke) => !wish.told.has(stroke.mark) && !known.has(key(stroke)));
				if (fresh.length === 0) continue;
				for (const entry of entries) if (this.#isOwn(entry) && entry.undone !== null) entry.forgotten = true;
				entries.push(...fresh.map((stroke): Entry => ({ stroke, undone: null, forgotten: false })));
				for (const stroke of fresh) known.add(key(stroke));
			} else if (wish.kind === "clear") {
				entries = entries.filter(({ stroke }) => !wish.targets.has(key(stroke)));
			} else {
				// Later than anything the log tells: events have 32 bits.
				const undone = wish.kind === "redo" ? null : WISHED + wish.id;
				for (const entry of entries) if (wish.targets.has(key(entry.stroke))) entry.undone = undone;
			}
		}
		return entries;
	}

	/** What the server will take a command to mean: the rules of `functions/session`. */
	#targets(kind: Exclude<Kind, "draw">, entries: readonly Entry[]): Entry[] {
		if (kind === "clear") return [...entries];
		const own = entries.filter((entry) => this.#isOwn(entry));
		if (kind === "redo") {
			const back = own.filter(isRedoable);
			const newest = Math.max(...back.map(({ undone }) => undone ?? 0));
			return back.filter(({ undone }) => undone === newest);
		}
		const standing = own.filter(({ undone }) => undone === null);
		return kind === "undo" ? standing.slice(-1) : standing;
	}

	#board(entries: readonly Entry[]): ShownBoard {
		const standing = entries.filter(({ undone }) => undone === null);
		return {
			strokes: standing.map(({ stroke }) => stroke),
			canUndo: standing.some((entry) => this.#isOwn(entry)),
			canRedo: entries.some((entry) => this.#isOwn(entry) && isRedoable(entry)),
			canClear: standing.length > 0,
			// One's own that were taken back make room for what one draws next.
			full: entries.filter((entry) => entry.undone === null || !this.#isOwn(entry)).length >= BOARD_STROKES_MAX,
		};
	}

	#isOwn({ stroke }: Entry): boolean {
		return stroke.seat === this.#seat;
	}

	#ofLog(one: StrokeView): ShownStroke {
		let stroke = this.#logged.get(one.stroke);
		if (stroke === undefined) {
			stroke = fromLog(one);
			this.#logged.set(one.stroke, stroke);
		}
		return stroke;
	}
}

function key({ seat, mark }: ShownStroke): string {
	return `${seat}/${mark}`;
}

function isRedoable({ undone, forgotten }: Entry): boolean {
	return undone !== null && !forgotten;
}

/** The board, with the strokes of the one before when they are the same. */
function kept(before: readonly ShownStroke[] | undefined, board: ShownBoard): ShownBoard {
	return before !== undefined && isSameList(before, board.strokes) ? { ...board, strokes: before } : board;
}

function isSame(a: ShownBoard, b: ShownBoard): boolean {
	const flags = ["canUndo", "canRedo", "canClear", "full"] as const;
	return flags.every((flag) => a[flag] === b[flag]) && isSameList(a.strokes, b.strokes);
}

function isSameList(a: readonly ShownStroke[], b: readonly ShownStroke[]): boolean {
	return a.length === b.length && a.every((one, at) => one === b[at]);
}

const WISHED = 2 ** 32;
/** The server's default rule. */
const BOARD_STROKES_MAX = 1_000;
