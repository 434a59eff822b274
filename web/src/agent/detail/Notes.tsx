import { useSignal } from "@preact/signals";
import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { composed } from "../../link/server/text";
import { Button } from "../../ui/buttons";
import { failureWords } from "../../ui/refusals";
import { NOTE_TEXT_MAX, NOTES_MAX, type Note, type SessionId } from "../../wire/generated";
import { signedOut } from "../console";
import { writeNote } from "./case-api";
import { laterNotes, NoteForm, type Write } from "./note-form";
import { Part } from "./Part";
import { dateTime, iso } from "../times";
import { d } from "./words";

/** The notes of a call, and a field for another one. */
export function Notes({ session, notes: first }: { session: SessionId; notes: readonly Note[] }) {
	const notes = useSignal(first);
	const draft = useMemo(() => new NoteForm(""), []);
	const write = async (n: number | null, text: string): Promise<string | null> => {
		const answer = await writeNote(session, n, text);
		if (!answer.ok) return signedOut(answer.error) ? "" : failureWords(answer.error);
		notes.value = laterNotes(notes.peek(), answer.value.notes);
		return null;
	};
	return (
		<Part title={d("notes")}>
			{notes.value.length === 0 && <p class="hint">{d("notes_none")}</p>}
			<ol class="case-notes">
				{notes.value.map((note) => (
					<One key={note.n} note={note} write={(text) => write(note.n, text)} />
				))}
			</ol>
			{notes.value.length >= NOTES_MAX ? (
				<p class="hint">{d("notes_full", { n: NOTES_MAX })}</p>
			) : (
				<Field
					form={draft}
					button={d("note_add")}
					write={(text) => write(null, text)}
					onSaved={() => {
						draft.text.value = "";
					}}
				/>
			)}
		</Part>
	);
}

function One({ note, write }: { note: Note; write: Write }) {
	const editing = useSignal<NoteForm | null>(null);
	const line = useRef<HTMLLIElement>(null);
	const isEditing = editing.value !== null;
	const was = useRef(isEditing);
	// The pressed button is gone: the field has the focus, and afterwards the note.
	useEffect(() => {
		if (was.current === isEditing) return;
		was.current = isEditing;
		// The answer that closes the editor may come when the person is elsewhere.
		if (!isEditing && document.activeElement !== document.body) return;
		line.current?.querySelector<HTMLElement>(isEditing ? "textarea" : "button")?.focus();
	}, [isEditing]);
	const newest = note.texts.at(-1);
	if (newest === undefined) return null;
	const before = note.texts.slice(0, -1);
	const form = editing.value;
	return (
		<li ref={line}>
			<p class="hint">
				{d("note_by", { author: newest.author, time: dateTime(newest.at_ms) })}
				{before.length > 0 && ` (${d("note_edited")})`}
			</p>
			{form === null ? (
				<>
					<p class="said" dir="auto">
						{newest.text}
					</p>
					<Button kind="plain" onClick={() => (editing.value = new NoteForm(newest.text))}>
						{d("note_edit")}
					</Button>
				</>
			) : (
				<Field
					form={form}
					button={d("note_save")}
					write={write}
					onSaved={() => {
						// It may have been cancelled and begun again meanwhile.
						if (editing.peek() === form) editing.value = null;
					}}
					onCancel={() => {
						editing.value = null;
					}}
				/>
			)}
			{before.length > 0 && (
				<details>
					<summary>{d("note_before")}</summary>
					{before.map((text) => (
						<blockquote key={text.at_ms}>
							<p class="hint">
								<bdi>{text.author}</bdi>, <time dateTime={iso(text.at_ms)}>{dateTime(text.at_ms)}</time>
							</p>
							<p class="said" dir="auto">
								{text.text}
							</p>
						</blockquote>
					))}
				</details>
			)}
		</li>
	);
}

interface FieldProps {
	form: NoteForm;
	button: string;
	write: Write;
	/** Nothing was typed since. */
	onSaved: () => void;
	onCancel?: () => void;
}

function Field({ form, button, write, onSaved, onCancel }: FieldProps) {
	const { text, busy, failed } = form;
	const id = useId();
	const field = useRef<HTMLTextAreaElement>(null);
	const left = NOTE_TEXT_MAX - composed(text.value).trim().length;
	const save = async (): Promise<void> => {
		if (busy.peek() || text.peek().trim() === "") {
			field.current?.focus();
			return;
		}
		if (await form.save(write)) onSaved();
	};
	return (
		<form
			class="note-field"
			onSubmit={(event) => {
				event.preventDefault();
				void save();
			}}
		>
			<label class="field" for={id}>
				<span>{d("note")}</span>
				<textarea
					id={id}
					ref={field}
					rows={3}
					dir="auto"
					maxLength={NOTE_TEXT_MAX}
					value={text.value}
					onInput={(event) => {
						text.value = event.currentTarget.value;
					}}
				/>
			</label>
			{left < 200 && <p class="hint">{d("note_left", { n: left })}</p>}
			{failed.value && <p role="alert">{failed.value}</p>}
			<div class="actions">
				{onCancel && <Button onClick={onCancel}>{t("cancel")}</Button>}
				<Button kind="primary" submit busy={busy.value}>
					{button}
				</Button>
			</div>
		</form>
	);
}
