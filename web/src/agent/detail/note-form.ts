// What is typed as a note, and what became of saving it.

import { signal } from "@preact/signals";
import { composed } from "../../link/server/text";
import type { Note } from "../../wire/generated";

/** Returns why a text was not saved: null if it was, empty if the sign-in page says it. */
export type Write = (text: string) => Promise<string | null>;

export class NoteForm {
	readonly text = signal("");
	readonly busy = signal(false);
	readonly failed = signal<string | null>(null);

	constructor(text: string) {
		this.text.value = text;
	}

	/** Returns whether all that is in the form is saved: somebody may type on meanwhile. */
	async save(write: Write): Promise<boolean> {
		const text = this.#typed();
		this.busy.value = true;
		const failed = await write(text);
		this.failed.value = failed;
		this.busy.value = false;
		return failed === null && this.#typed() === text;
	}

	#typed(): string {
		return composed(this.text.peek()).trim();
	}
}

/** Answers may cross. Notes and their texts are only ever added, so the fuller list is later. */
export function laterNotes(one: readonly Note[], other: readonly Note[]): readonly Note[] {
	return texts(one) > texts(other) ? one : other;
}

const texts = (notes: readonly Note[]): number => notes.reduce((sum, note) => sum + note.texts.length, 0);
