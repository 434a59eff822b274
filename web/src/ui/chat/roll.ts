// Keeps the lines around what is seen in the page, adds further ones when somebody scrolls towards
// them, and takes far ones out. What is seen stays where it is.

import { batch, signal } from "@preact/signals";
import type { ChatLines } from "../../session/chat-lines";
import { firstOf, followed, kept, lastOf, newer, older, type Stretch } from "./stretch";

/** An element, and its upper edge in the window. */
interface Place {
	element: Element;
	top: number;
}

export class Roll {
	/** Counts changes of the stretch that come from scrolling. */
	readonly changed = signal(0);
	/** The newest lines are a screen or more away. */
	readonly away = signal(false);
	/** Lines come in that are not new, as at first: screen readers do not say them. */
	readonly quiet = signal(true);
	#lines: ChatLines;
	#stretch: Stretch;
	#log: HTMLElement | null = null;
	/** The newest lines are seen, and newer ones will be. */
	#following = true;
	/** The key of the newest line of this page's own. */
	#own: string | null = null;
	/** Where the log was when it was rendered or scrolled last. */
	#top = 0;
	/**
	 * What to do when the lines are rendered: scroll there, follow new lines to the end, or keep an
	 * element in its place.
	 */
	#goal: "end" | "start" | "follow" | Place | null = "end";

	constructor(lines: ChatLines) {
		this.#lines = lines;
		this.#stretch = lastOf(lines);
	}

	/**
	 * The stretch to render, given all lines. `own`: the key of the newest line, if it is this
	 * page's own. A line on its way stays below those that come meanwhile, and leads to the end
	 * once.
	 */
	stretch(lines: ChatLines, own: string | null): Stretch {
		const before = this.#lines.length;
		const wrote = own !== null && own !== this.#own;
		this.#own = own ?? this.#own;
		this.#lines = lines;
		this.#measureAgain();
		if (lines.length === before) return this.#stretch;
		if (wrote && lines.length > before) this.#following = true;
		else if (this.#goal !== "end" && this.#leaves()) this.#following = false;
		if (this.#following) {
			this.#stretch = followed(lines, this.#stretch);
			this.#goal = wrote || this.#goal === "end" ? "end" : "follow";
			this.#top = this.#measured().above;
		} else this.#stretch = kept(lines, this.#stretch, before);
		return this.#stretch;
	}

	/**
	 * The stretch is rendered. The frame that shows it scrolls to an end: the browser lays it out
	 * there anyway. Returns what to call when that is over.
	 */
	rendered(log: HTMLElement): () => void {
		this.#log = log;
		if (isPlace(this.#goal)) this.#scroll(log);
		const frame = requestAnimationFrame(() => {
			this.#scroll(log);
			const { value } = this.changed;
			this.#look();
			if (this.changed.value === value) this.quiet.value = false;
		});
		return () => cancelAnimationFrame(frame);
	}

	scrolled(): void {
		// The frame that scrolls tells again.
		if (typeof this.#goal === "string") return;
		const { above, below } = this.#measured();
		this.#top = above;
		// While chosen lines wait to be rendered below, the end of the others is no end.
		const known = this.#goal === null || this.#following;
		this.#following = known && below < NEAR_PX && this.#stretch.to === this.#lines.length;
		if (this.#goal === null) this.#look();
	}

	/** The chat became higher or lower, as when the keyboard of a phone comes. */
	resized(): void {
		const log = this.#log;
		if (log === null || !this.#following) return;
		log.scrollTop = log.scrollHeight;
		this.#top = log.scrollTop;
	}

	toEnd(): void {
		this.#following = true;
		this.#goal = "end";
		this.#become(lastOf(this.#lines));
	}

	toStart(): void {
		this.#following = false;
		this.#goal = "start";
		this.#become(firstOf(this.#lines));
	}

	#scroll(log: HTMLElement): void {
		const goal = this.#goal;
		this.#goal = null;
		if (goal === "follow" && this.#leaves()) this.#following = false;
		else if (goal === "end" || goal === "follow") log.scrollTop = log.scrollHeight;
		else if (goal === "start") log.scrollTop = 0;
		else if (isPlace(goal) && goal.element.isConnected)
			log.scrollTop += goal.element.getBoundingClientRect().top - goal.top;
		this.#top = log.scrollTop;
	}

	/** What stays in its place may have been scrolled since it was chosen. */
	#measureAgain(): void {
		if (isPlace(this.#goal)) this.#goal.top = this.#goal.element.getBoundingClientRect().top;
	}

	/** Somebody scrolls up, and the browser has not said so yet: a busy page hears of it late. */
	#leaves(): boolean {
		const { above, below } = this.#measured();
		return above < this.#top && below >= NEAR_PX;
	}

	/** Adds lines where less than a screen is left, and takes out those beyond two screens. */
	#look(): void {
		const { above, below, screen } = this.#measured();
		const { from, to } = this.#stretch;
		this.away.value = below >= screen || to < this.#lines.length;
		let next = this.#stretch;
		if (above < screen && from > 0) next = older(this.#lines, next);
		else if (below < screen && to < this.#lines.length) next = newer(this.#lines, next);
		if (above > FAR_SCREENS * screen) next = { ...next, from: from + this.#beyond("above", screen) };
		if (below > FAR_SCREENS * screen) next = { ...next, to: to - this.#beyond("below", screen) };
		if (next.from === from && next.to === to) return;
		this.#goal = this.#seen();
		this.#become(next);
	}

	#become(next: Stretch): void {
		this.#stretch = next;
		batch(() => {
			this.quiet.value = true;
			this.changed.value += 1;
		});
	}

	/** Pixels that are out of sight, and that are seen. */
	#measured(): { above: number; below: number; screen: number } {
		const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = this.#log ?? {};
		return { above: scrollTop, below: scrollHeight - clientHeight - scrollTop, screen: clientHeight };
	}

	/** How many lines are further away than they need to be. */
	#beyond(side: "above" | "below", screen: number): number {
		const log = this.#log;
		if (log === null) return 0;
		const { top, bottom } = log.getBoundingClientRect();
		const lines = [...log.children];
		const far =
			side === "above"
				? lines.findIndex((line) => line.getBoundingClientRect().bottom > top - KEPT_SCREENS * screen)
				: lines.reverse().findIndex((line) => line.getBoundingClientRect().top < bottom + KEPT_SCREENS * screen);
		// Keys go on to work when the focused element is taken out.
		if (lines.slice(0, far).some((line) => line.contains(document.activeElement))) log.focus({ preventScroll: true });
		return Math.max(0, far);
	}

	/** The first line that is seen, and where. */
	#seen(): Place | null {
		const log = this.#log;
		if (log === null) return null;
		const edge = log.getBoundingClientRect().top;
		for (const element of log.children) {
			const { top, bottom } = element.getBoundingClientRect();
			if (bottom > edge) return { element, top };
		}
		return null;
	}
}

function isPlace(goal: Place | string | null): goal is Place {
	return typeof goal === "object" && goal !== null;
}

/** So close to the end counts as at the end. */
const NEAR_PX = 48;
const KEPT_SCREENS = 2;
const FAR_SCREENS = 3;
