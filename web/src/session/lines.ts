// The chat panel's lines: those in the log, and this page's own that are not in it yet. Each is
// shown once.

import type { Refusal, Seat } from "../wire/generated";
import { type Inserted, MergedLines } from "./chat-lines";
import type { Folded } from "./fold";
import type { ChatLine, View } from "./view";

/** One of this page's own lines that is not known to be in the log. */
interface OwnLine {
	id: number;
	text: string;
	at_ms: number;
	/** The newest event when it was written; its own event has a higher number. */
	after: number;
	/** On its way, refused, or accepted with an event numbered at most `head`. */
	fate: "sending" | "failed" | { head: number };
}

/** This page's own lines, and the events they became. */
export class Lines {
	#own: OwnLine[] = [];
	/** Events that are this page's own lines. */
	readonly #ids = new Map<number, number>();
	/** Logged lines with their ids: one object each, so that a page shows a line once. */
	readonly #named = new WeakMap<ChatLine, ChatLine>();
	readonly #seat: Seat;

	constructor(seat: Seat) {
		this.#seat = seat;
	}

	/** Adds a line that was written, or restored after a reload. */
	wrote(id: number, text: string, at_ms: number, after: number): void {
		this.#own.push({ id, text, at_ms, after, fate: "sending" });
	}

	/** The line's command was answered. `head` is null when only its acceptance is known. */
	settled(id: number, refused: Refusal | null, head: number | null, view: Folded): void {
		const own = this.#own.find((one) => one.id === id);
		if (own === undefined) return;
		if (refused !== null) {
			own.fate = "failed";
			own.after = view.head;
		} else own.fate = { head: head ?? view.head };
	}

	/** Removes a failed line and returns its text, to be written again. */
	takeFailed(id: number): string | null {
		const own = this.#own.find((one) => one.id === id && one.fate === "failed");
		if (own === undefined) return null;
		this.#own = this.#own.filter((one) => one !== own);
		return own.text;
	}

	/**
	 * Returns the view with this page's own lines added. It looks at the lines that came after
	 * those, not at all of the chat.
	 */
	merge(view: Folded): View {
		const matched = this.#match(view);
		const passing = new Map([...matched].map(([id, seq]) => [seq, id]));
		const own = this.#own.filter((one) => !matched.has(one.id));
		// A failed line stays in its place while the conversation continues below it. The others
		// are shown last.
		const failed = own.filter((one) => one.fate === "failed").sort((a, b) => a.after - b.after);
		const between = failed.map((one): Inserted => ({ at: view.lines.firstAfter(one.after), line: this.#shown(one) }));
		const last = own.filter((one) => one.fate !== "failed").map(this.#shown);
		const named = (line: ChatLine): ChatLine => {
			const seq = line.seq ?? 0;
			return this.#withId(line, passing.get(seq) ?? this.#ids.get(seq));
		};
		return { ...view, lines: new MergedLines(view.lines, between, last, named) };
	}

	#withId(line: ChatLine, id: number | undefined): ChatLine {
		if (id === undefined) return line;
		const before = this.#named.get(line);
		if (before?.n === id) return before;
		const named = { ...line, n: id };
		this.#named.set(line, named);
		return named;
	}

	/** Maps own lines to the events they became, and drops the lines that are settled for good. */
	#match(view: Folded): Map<number, number> {
		const matched = new Map<number, number>();
		if (this.#own.length === 0) return matched;
		const taken = new Set<number>();
		const left: OwnLine[] = [];
		for (const own of this.#own) {
			const event = own.fate === "failed" ? undefined : this.#eventOf(own, view, taken);
			if (event !== undefined) taken.add(event);
			if (typeof own.fate === "object" && (event !== undefined || view.head >= own.fate.head)) {
				// No event has the same text: the server changed it, and its event is shown
				// instead.
				if (event !== undefined) this.#ids.set(event, own.id);
				continue;
			}
			if (event !== undefined) matched.set(own.id, event);
			left.push(own);
		}
		this.#own = left;
		return matched;
	}

	#eventOf(own: OwnLine, { lines }: Folded, taken: ReadonlySet<number>): number | undefined {
		const most = typeof own.fate === "object" ? own.fate.head : Number.POSITIVE_INFINITY;
		for (let index = lines.firstAfter(own.after); index < lines.length; index += 1) {
			const line = lines.at(index);
			if (line === undefined || line.seq === null || line.seq > most) break;
			// A picture has no text and is never an own line on its way.
			if (line.picture !== null || line.seat !== this.#seat || line.text !== own.text) continue;
			if (!taken.has(line.seq) && !this.#ids.has(line.seq)) return line.seq;
		}
		return undefined;
	}

	readonly #shown = (own: OwnLine): ChatLine => ({
		seq: null,
		n: own.id,
		seat: this.#seat,
		text: own.text,
		at_ms: own.at_ms,
		state: typeof own.fate === "object" ? "sent" : own.fate,
		picture: null,
	});
}
