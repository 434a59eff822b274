import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { composed } from "../../link/server/text";
import { Button } from "../../ui/buttons";
import { failureWords } from "../../ui/refusals";
import { NOTE_TEXT_MAX, NOTES_MAX, type Note, type SessionId } from "../../wire/generated";
import { signedOut } from "../console";
import { writeNote } from "./case-api";
import { Part } from "./Part";
import { dateTime, iso } from "../times";
import { d } from "./words";

/** The notes of a call, and a field for another one. */
export function Notes({ session, notes: first }: { session: SessionId; notes: readonly Note[] }) {
	const notes = useSignal(first);
	const draft = useSignal("");
	const save = async (n: number | null, text: Signal<string>): Promise<string | null> => {
		const answer = await writeNote(session, n, composed(text.value).trim());
		if (!answer.ok) return signedOut(answer.error) ? null : failureWords(answer.error);
		notes.value = answer.value.notes;
		text.value = "";
		return null;
	};
	return (
		<Part title={d("notes")}>
			{notes.value.length === 0 && <p class="hint">{d("notes_none")}</p>}
			<ol class="case-notes">
				{notes.value.map((note) => (
					<One key={note.n} note={note} onSave={(text) => save(note.n, text)} />
				))}
			</ol>
			{notes.value.length >= NOTES_MAX ? (
				<p class="hint">{d("notes_full", { n: NOTES_MAX })}</p>
			) : (
				<Field text={draft} button={d("note_add")} onSave={() => save(null, draft)} />
			)}
		</Part>
	);
}

function One({ note, onSave }: { note: Note; onSave: (text: Signal<string>) => Promise<string | null> }) {
	const editing = useSignal<Signal<string> | null>(null);
	const edited = useSignal("");
	const line = useRef<HTMLLIElement>(null);
	const isEditing = editing.value !== null;
	const was = useRef(isEditing);
	// The pressed button is gone: the field has the focus, and afterwards the note.
	useEffect(() => {
		if (was.current === isEditing) return;
		was.current = isEditing;
		line.current?.querySelector<HTMLElement>(isEditing ? "textarea" : "button")?.focus();
	}, [isEditing]);
	const newest = note.texts.at(-1);
	if (newest === undefined) return null;
	const before = note.texts.slice(0, -1);
	const begin = (): void => {
		edited.value = newest.text;
		editing.value = edited;
	};
	const save = async (): Promise<string | null> => {
		const failed = await onSave(edited);
		if (failed === null) editing.value = null;
		return failed;
	};
	return (
		<li ref={line}>
			<p class="hint">
				{d("note_by", { author: newest.author, time: dateTime(newest.at_ms) })}
				{before.length > 0 && ` (${d("note_edited")})`}
			</p>
			{editing.value === null ? (
				<>
					<p class="said" dir="auto">
						{newest.text}
					</p>
					<Button kind="plain" onClick={begin}>
						{d("note_edit")}
					</Button>
				</>
			) : (
				<Field
					text={edited}
					button={d("note_save")}
					onSave={save}
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
	text: Signal<string>;
	button: string;
	/** Returns why it failed; what was typed stays then. */
	onSave: () => Promise<string | null>;
	onCancel?: () => void;
}

function Field({ text, button, onSave, onCancel }: FieldProps) {
	const id = useId();
	const busy = useSignal(false);
	const failed = useSignal<string | null>(null);
	const field = useRef<HTMLTextAreaElement>(null);
	const left = NOTE_TEXT_MAX - composed(text.value).trim().length;
	const save = async (): Promise<void> => {
		if (busy.peek() || text.peek().trim() === "") {
			field.current?.focus();
			return;
		}
		busy.value = true;
		failed.value = await onSave();
		busy.value = false;
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
			{failed.value !== null && <p role="alert">{failed.value}</p>}
			<div class="actions">
				{onCancel && <Button onClick={onCancel}>{t("cancel")}</Button>}
				<Button kind="primary" submit busy={busy.value}>
					{button}
				</Button>
			</div>
		</form>
	);
}
