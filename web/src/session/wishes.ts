// Optimistic drawing: this page's own commands about strokes show at once, before the log confirms
// them. Each wish names strokes by their marks and states how they should end up, not how to change
// them. So its event may arrive before or after its answer, or be in the log already.

import { BOARD_STROKES_MAX, type Refusal, type Seat, type Stroke } from "../wire/generated";
import { fromLog } from "./boards";
import type { Body } from "./outbox";
import type { PictureView, ShownStroke, StrokeView } from "./view";

/** A board as this page shows it, and the commands that make sense on it. */
export interface ShownBoard {
	/** Visible strokes in painting order, own unsent ones last. */
	strokes: readonly ShownStroke[];
	/** Of this page's own strokes. */
	canUndo: boolean;
	canRedo: boolean;
	/** There are strokes of either person. */
	canClear: boolean;
	/** The limit of strokes is reached. */
	full: boolean;
}

type WishKind = "draw" | "undo" | "undo_all" | "redo" | "clear";

/** A command that is not confirmed by the log yet. */
interface Wish {
	id: number;
	picture: number;
	kind: WishKind;
	/** What a `draw` adds. */
	drawn: readonly ShownStroke[];
	/**
	 * Marks that the log has confirmed. From then on the log owns them, even if they are undone.
	 */
	confirmed: Set<number>;
	/** The strokes that any other command names, as the board was when it was made. */
	targets: ReadonlySet<string>;
	/** The log contains its events from this head on; null while unanswered. */
	head: number | null;
}

/** A stroke while the board is put together. */
interface Entry {
	stroke: ShownStroke;
	/** The undo that took it: strokes of one undo share it, the highest is the newest. */
	undone: number | null;
	/** Undone, and beyond redo. */
	forgotten: boolean;
}

/** This page's own commands about strokes. */
export class Wishes {
	readonly #seat: Seat;
	#wishes: Wish[] = [];
	#head = 0;
	/** Keeps each logged stroke one object for its whole life. */
	readonly #logged = new WeakMap<Stroke, ShownStroke>();
	#last: { picture: PictureView; board: ShownBoard } | null = null;
	#changed = false;

	constructor(seat: Seat) {
		this.#seat = seat;
	}

	/**
	 * Adds a command, or one that was restored after a reload, in the order of their making.
	 * Strokes that joined a queued command come with its id again, alone or with the earlier ones.
	 * `picture` is the picture's state in the log. When it is null, the strokes that an undo names
	 * are unknown too, and the undo shows once the log confirms it.
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
	 * A command was answered; a refused one leaves no trace. `head` is null when only its
	 * acceptance is known. Then the newest head shown counts, so a caller that knows a newer one
	 * passes that.
	 */
	settled(id: number, refused: Refusal | null, head: number | null): void {
		const wish = this.#wishes.find((one) => one.id === id);
		if (wish === undefined) return;
		this.#changed = true;
		if (refused === null) wish.head = head ?? this.#head;
		else this.#wishes = this.#wishes.filter((one) => one !== wish);
	}

	/**
	 * Returns the board with this page's wishes, for a log applied up to `head`. Returns the same
	 * object while nothing changes.
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

	#push(
		id: number,
		picture: number,
		kind: WishKind,
		drawn: readonly ShownStroke[],
		targets: ReadonlySet<string>,
	): void {
		this.#wishes.push({ id, picture, kind, drawn, confirmed: new Set(), targets, head: null });
	}

	/** Drops wishes that the log has caught up with, and marks strokes that it confirms. */
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
			for (const { mark } of wish.drawn) if (own.has(mark)) wish.confirmed.add(mark);
		}
	}

	/** All strokes of a picture with this page's wishes applied. */
	#entries(picture: PictureView): Entry[] {
		let entries = picture.strokes.map(
			(one): Entry => ({ stroke: this.#ofLog(one), undone: one.undone, forgotten: false }),
		);
		const known = new Set(entries.map(({ stroke }) => key(stroke)));
		for (const wish of this.#wishes) {
			if (wish.picture !== picture.id) continue;
			if (wish.kind === "draw") {
				const fresh = wish.drawn.filter((stroke) => !wish.confirmed.has(stroke.mark) && !known.has(key(stroke)));
				if (fresh.length === 0) continue;
				for (const entry of entries) if (this.#isOwn(entry) && entry.undone !== null) entry.forgotten = true;
				entries.push(...fresh.map((stroke): Entry => ({ stroke, undone: null, forgotten: false })));
				for (const stroke of fresh) known.add(key(stroke));
			} else if (wish.kind === "clear") {
				entries = entries.filter(({ stroke }) => !wish.targets.has(key(stroke)));
			} else {
				// Higher than any event number, which has 32 bits.
				const undone = wish.kind === "redo" ? null : WISHED + wish.id;
				for (const entry of entries) if (wish.targets.has(key(entry.stroke))) entry.undone = undone;
			}
		}
		return entries;
	}

	/** The strokes a command will affect on the server, by the rules of `functions/session`. */
	#targets(kind: Exclude<WishKind, "draw">, entries: readonly Entry[]): Entry[] {
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
			// The next stroke replaces this author's undone ones, so those do not count.
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

/** Returns the board with the earlier array of strokes where that is equal. */
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
