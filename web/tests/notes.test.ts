// Notes that are saved while somebody types on.

import { expect, test } from "vitest";
import { laterNotes, NoteForm } from "../src/agent/detail/note-form";
import type { Note } from "../src/wire/generated";

/** A form, and a server that answers when the test wants. */
function form(text: string) {
	const sent: string[] = [];
	let answer = (_: string | null): void => undefined;
	const write = (saved: string): Promise<string | null> => {
		sent.push(saved);
		return new Promise((resolve) => (answer = resolve));
	};
	const made = new NoteForm(text);
	return { made, sent, saved: made.save(write), answer: (failed: string | null) => answer(failed) };
}

test("a note is saved as it was when it was sent", async () => {
	const { made, sent, saved, answer } = form(" Called back. ");
	expect([sent, made.busy.value]).toEqual([["Called back."], true]);
	answer(null);
	expect(await saved).toBe(true);
	expect([made.failed.value, made.busy.value]).toEqual([null, false]);
});

test("what is typed while a note is saved stays, and is not saved", async () => {
	const { made, saved, answer } = form("Called back.");
	made.text.value = "Called back. Nobody there.";
	answer(null);
	expect(await saved).toBe(false);
	expect([made.text.value, made.failed.value]).toEqual(["Called back. Nobody there.", null]);
});

test.each(["No connection.", ""])("a note that was not saved stays: “%s”", async (failed) => {
	const { made, saved, answer } = form("Called back.");
	answer(failed);
	expect(await saved).toBe(false);
	expect([made.text.value, made.failed.value, made.busy.value]).toEqual(["Called back.", failed, false]);
});

test("of two answers the later list stands, in whatever order they come", () => {
	const note = (n: number, ...texts: string[]): Note => ({
		n,
		texts: texts.map((text) => ({ text, author: "Ada", at_ms: 1 })),
	});
	const before = [note(1, "One")];
	const added = [note(1, "One"), note(2, "Two")];
	const edited = [note(1, "One", "Uno"), note(2, "Two")];
	const inTurn = (...answers: (readonly Note[])[]) => answers.reduce(laterNotes, before);
	expect(inTurn(added, edited)).toBe(edited);
	expect(inTurn(edited, added)).toBe(edited);
});
