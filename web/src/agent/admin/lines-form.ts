// The form in which an admin writes the lines of all agents: what is in it, and what became of it.

import { signal } from "@preact/signals";
import type { ApiFailure } from "../../ui/refusals";
import type { ReadyLineList } from "../../wire/generated";
import { signedOut } from "../console";
import { isWrong, wholeLines, type WrongLines } from "../lines/lines";
import { readyLines, replaceLines } from "../lines/lines-api";

/** What the form says of the lines in it. */
export type Said = { is: "saved" | "unsaved" } | { is: "failed"; error: ApiFailure };

export class LinesForm {
	readonly text = signal("");
	readonly wrong = signal<WrongLines | null>(null);
	readonly said = signal<Said | null>(null);
	readonly busy = signal(false);
	/** What another admin saved since the lines in the form were read. */
	readonly theirs = signal<ReadyLineList | null>(null);
	/** The revision that the text replaces. */
	#revision: number;

	constructor({ revision, lines }: ReadyLineList) {
		this.#revision = revision;
		this.text.value = textOf(lines);
	}

	write(text: string): void {
		this.text.value = text;
		this.said.value = null;
	}

	/** Saves the lines. Returns false if the text is wrong. */
	async save(): Promise<boolean> {
		if (this.busy.peek()) return true;
		this.said.value = null;
		const text = this.text.peek();
		const lines = wholeLines(text);
		this.wrong.value = isWrong(lines) ? lines : null;
		if (isWrong(lines)) return false;
		this.busy.value = true;
		const answer = await replaceLines({ revision: this.#revision, lines: [...lines] });
		if (answer.ok) this.#saved(answer.value, text);
		else if (answer.error.error === "changed_meanwhile") await this.#compare();
		else this.#fails(answer.error);
		this.busy.value = false;
		return true;
	}

	/** Goes on from what another admin saved, with a text that is not saved yet. */
	choose(theirs: ReadyLineList, text: string): void {
		this.#revision = theirs.revision;
		this.theirs.value = null;
		this.text.value = text;
		this.said.value = { is: text === textOf(theirs.lines) ? "saved" : "unsaved" };
	}

	#saved({ revision, lines }: ReadyLineList, text: string): void {
		this.#revision = revision;
		this.theirs.value = null;
		// What was typed meanwhile stays.
		const isAll = this.text.peek() === text;
		if (isAll) this.text.value = textOf(lines);
		this.said.value = { is: isAll ? "saved" : "unsaved" };
	}

	async #compare(): Promise<void> {
		const answer = await readyLines();
		if (answer.ok) this.theirs.value = answer.value;
		else this.#fails(answer.error);
	}

	#fails(error: ApiFailure): void {
		if (!signedOut(error)) this.said.value = { is: "failed", error };
	}
}

export const textOf = (lines: readonly string[]): string => lines.join("\n");
