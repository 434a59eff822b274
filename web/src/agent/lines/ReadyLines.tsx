import { useId, useRef } from "preact/hooks";
import "./lines.css";
import { t } from "../../i18n";
import { Button } from "../../ui/buttons";
import { Loading } from "../../ui/loading";
import { type ApiFailure, failureWords } from "../../ui/refusals";
import { w } from "../words";
import { everybodysLines, linesFailure, loadLines } from "./everybody";
import { ownLines } from "./ready";

interface Writing {
	write: (line: string) => void;
}

/** The ready lines above the field of the chat. A press writes one into the field, to be sent. */
export function ReadyLines({ write }: Writing) {
	const list = useRef<HTMLDetailsElement>(null);
	const pick = (line: string): void => {
		if (list.current !== null) list.current.open = false;
		write(line);
	};
	return (
		<details class="ready-lines" ref={list} onToggle={(event) => event.currentTarget.open && void loadLines()}>
			<summary>{w("ready_lines")}</summary>
			<div class="ready-list">
				<Lists write={pick} />
			</div>
		</details>
	);
}

/** The lines of all agents, then the agent's own. They come together, so that none moves away. */
function Lists({ write }: Writing) {
	const failed = linesFailure.value;
	if (everybodysLines.value === null && failed === null) return <Loading />;
	const all = everybodysLines.value ?? [];
	const own = ownLines.value.filter((line) => !all.includes(line));
	return (
		<>
			{failed !== null && <Failed error={failed} />}
			{all.length > 0 && <List title={w("ready_lines_all")} lines={all} write={write} />}
			{own.length > 0 && <List title={w("ready_lines_own")} lines={own} write={write} />}
			{failed === null && all.length + own.length === 0 && <p class="ready-note">{w("ready_lines_none")}</p>}
		</>
	);
}

function List({ title, lines, write }: Writing & { title: string; lines: readonly string[] }) {
	const named = useId();
	return (
		<>
			<h3 id={named}>{title}</h3>
			<ul aria-labelledby={named}>
				{lines.map((line) => (
					<li key={line}>
						<button type="button" dir="auto" onClick={() => write(line)}>
							{line}
						</button>
					</li>
				))}
			</ul>
		</>
	);
}

function Failed({ error }: { error: ApiFailure }) {
	return (
		<div class="ready-note" role="alert">
			<p>{failureWords(error)}</p>
			<Button kind="plain" onClick={() => void loadLines()}>
				{t("try_again")}
			</Button>
		</div>
	);
}
