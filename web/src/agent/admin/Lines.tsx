import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import "../lines/lines-field.css";
import { Button } from "../../ui/buttons";
import { Loading } from "../../ui/loading";
import { type ApiFailure, failureWords } from "../../ui/refusals";
import { CHAT_TEXT_MAX, READY_LINES_MAX, type ReadyLineList } from "../../wire/generated";
import { signedOut } from "../console";
import { Field } from "../Field";
import type { WrongLines } from "../lines/lines";
import { readyLines } from "../lines/lines-api";
import { NotLoaded } from "../NotLoaded";
import { LinesChanged } from "./LinesChanged";
import { LinesForm, type Said } from "./lines-form";
import { a } from "./words";

/** The lines that all agents have ready for the chat. */
export function Lines() {
	const found = useSignal<ReadyLineList | null>(null);
	const failed = useSignal<ApiFailure | null>(null);
	const load = async (): Promise<void> => {
		failed.value = null;
		const answer = await readyLines();
		if (answer.ok) found.value = answer.value;
		else if (!signedOut(answer.error)) failed.value = answer.error;
	};
	useEffect(() => void load(), []);
	return (
		<>
			<h1>{a("lines")}</h1>
			<p class="keys-more">{a("lines_more")}</p>
			{failed.value !== null && <NotLoaded error={failed.value} onAgain={() => void load()} />}
			{found.value === null && failed.value === null && <Loading />}
			{found.value !== null && <Form found={found.value} />}
		</>
	);
}

function Form({ found }: { found: ReadyLineList }) {
	const form = useMemo(() => new LinesForm(found), [found]);
	const field = useRef<HTMLTextAreaElement>(null);
	const wrong = form.wrong.value;
	const theirs = form.theirs.value;
	const save = async (): Promise<void> => {
		if (!(await form.save())) field.current?.focus();
	};
	const choose = (text: string): void => {
		if (theirs !== null) form.choose(theirs, text);
		field.current?.focus();
	};
	return (
		<form
			class="card stack"
			onSubmit={(event) => {
				event.preventDefault();
				void save();
			}}
		>
			<Field
				label={a("lines_field")}
				hint={a("lines_hint", { n: READY_LINES_MAX })}
				error={wrong === null ? undefined : wrongWords(wrong)}
			>
				{(given) => (
					<textarea
						{...given}
						class="lines-field"
						ref={field}
						rows={10}
						dir="auto"
						value={form.text.value}
						onInput={(event) => form.write(event.currentTarget.value)}
					/>
				)}
			</Field>
			{theirs !== null && <LinesChanged theirs={theirs.lines} mine={form.text.value} onChoose={choose} />}
			<p role="status">{saidWords(form.said.value)}</p>
			<div class="actions">
				<Button kind="primary" submit busy={form.busy.value}>
					{a("lines_save")}
				</Button>
			</div>
		</form>
	);
}

function saidWords(said: Said | null): string {
	if (said === null) return "";
	return said.is === "failed" ? failureWords(said.error) : a(`lines_${said.is}`);
}

function wrongWords({ why, n }: WrongLines): string {
	const most = why === "many" ? READY_LINES_MAX : CHAT_TEXT_MAX;
	return a(`lines_${why}`, { n, most });
}
