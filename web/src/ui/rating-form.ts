// What a person rates a call with, and what became of sending it.

import { signal } from "@preact/signals";
import type { ApiResult } from "../link/server/api";
import { commentText } from "../link/server/text";
import type { View } from "../session/view";
import type { Rate, Rating, Seat } from "../wire/generated";
import type { ApiFailure } from "./refusals";

/** Until when a call may be rated, server time. Null while it runs, and if it never ran. */
export function rateUntil({ ended, live_since_ms }: Pick<View, "ended" | "live_since_ms">): number | null {
	return ended === null || live_since_ms === null ? null : ended.at_ms + RATE_MS;
}

export class RatingForm {
	/** 0 before a choice. */
	readonly stars = signal(0);
	readonly comment = signal("");
	readonly stage = signal<"given" | "form" | "sending" | "thanks" | "over">("form");
	/** It was to be sent without a choice. */
	readonly missing = signal(false);
	readonly failure = signal<ApiFailure | null>(null);
	readonly #seat: Seat;
	readonly #put: (rate: Rate) => Promise<ApiResult<void>>;

	/** @param given what the seat said before. It can be changed. */
	constructor(seat: Seat, put: (rate: Rate) => Promise<ApiResult<void>>, given?: Pick<Rating, "stars" | "comment">) {
		this.#seat = seat;
		this.#put = put;
		if (given === undefined) return;
		this.stars.value = given.stars;
		this.comment.value = given.comment ?? "";
		this.stage.value = "given";
	}

	choose(stars: number): void {
		this.stars.value = stars;
		this.missing.value = false;
	}

	/**
	 * Sends what was typed. It stays in the form, for another try or a change. What changes while
	 * it is sent is sent by another press.
	 */
	async send(): Promise<void> {
		if (this.stage.peek() !== "form") return;
		const stars = this.stars.peek();
		this.failure.value = null;
		this.missing.value = stars === 0;
		if (stars === 0) return;
		this.stage.value = "sending";
		const comment = commentText(this.comment.peek());
		const answer = await this.#put({ seat: this.#seat, stars, ...(comment === "" ? {} : { comment }) });
		if (answer.ok) {
			const isAll = this.stars.peek() === stars && commentText(this.comment.peek()) === comment;
			this.stage.value = isAll ? "thanks" : "form";
			return;
		}
		const { error } = answer;
		const late = error.error === "refused" && error.why === "too_late";
		this.stage.value = late ? "over" : "form";
		if (!late) this.failure.value = error;
	}

	/** Shows the form again, as it was sent. */
	change(): void {
		const stage = this.stage.peek();
		if (stage === "thanks" || stage === "given") this.stage.value = "form";
	}
}

/** As long as the server takes ratings. It has the last word. */
const RATE_MS = 10 * 60_000;
