// The chat panel's lines: those in the log, and this page's own that are not in it yet. Each is
// shown once.

import type { Refusal, Seat } from "../wire/generated";
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
	readonly #seat: Seat;

	constructor(seat: Seat) {
		this.#seat = seat;
	}

	/** Adds a line that was written, or restored after a reload. */
	wrote(id: number, text: string, at_ms: number, after: number): void {
		this.#own.push({ id, text, at_ms, after, fate: "sending" });
	}

	/** The line's command was answered. `head` is null when only its acceptance is known. */
	settled(id: number, refused: Refusal | null, head: number | null, view: View): void {
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

	/** Returns the view with this page's own lines added. */
	merge(view: View): View {
		const matched = this.#match(view);
		const ids = new Map(this.#ids);
		for (const [id, seq] of matched) ids.set(seq, id);
		const own = this.#own.filter((one) => !matched.has(one.id));
		// A failed line stays in its place while the conversation continues below it. The others
		// are shown last.
		const failed = own.filter((one) => one.fate === "failed").sort((a, b) => a.after - b.after);
		const lines: ChatLine[] = [];
		for (const line of view.lines) {
			const seq = line.seq ?? 0;
			while (failed[0] !== undefined && failed[0].after < seq) lines.push(...failed.splice(0, 1).map(this.#shown));
			const id = ids.get(seq);
			lines.push(id === undefined ? line : { ...line, n: id });
		}
		lines.push(...failed.map(this.#shown));
		lines.push(...own.filter((one) => one.fate !== "failed").map(this.#shown));
		return { ...view, lines };
	}

	/** Maps own lines to the events they became, and drops the lines that are settled for good. */
	#match(view: View): Map<number, number> {
		const matched = new Map<number, number>();
		if (this.#own.length === 0) return matched;
		const taken = new Set(this.#ids.keys());
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

	#eventOf(own: OwnLine, view: View, taken: ReadonlySet<number>): number | undefined {
		const most = typeof own.fate === "object" ? own.fate.head : Number.POSITIVE_INFINITY;
		for (const line of view.lines) {
			if (line.seq === null || line.seq <= own.after || line.seq > most) continue;
			// A picture has no text and is never an own line on its way.
			if (line.picture !== null) continue;
			if (line.seat === this.#seat && line.text === own.text && !taken.has(line.seq)) return line.seq;
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
