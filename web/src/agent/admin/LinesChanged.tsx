import { Button } from "../../ui/buttons";
import { isWrong, together, wholeLines } from "../lines/lines";
import { textOf } from "./lines-form";
import { a } from "./words";

interface ChangedProps {
	theirs: readonly string[];
	/** The text in the field. */
	mine: string;
	onChoose: (text: string) => void;
}

/** Shows what another admin saved meanwhile, and asks what becomes of both lists. Saves nothing. */
export function LinesChanged({ theirs, mine, onChoose }: ChangedProps) {
	const own = wholeLines(mine);
	const both = isWrong(own) ? mine : textOf(together(theirs, own));
	return (
		<section class="stack">
			<p role="alert">{a("lines_changed")}</p>
			<h2>{a("lines_theirs")}</h2>
			{theirs.length === 0 && <p>{a("lines_emptied")}</p>}
			<ul class="lines-theirs" aria-label={a("lines_theirs")}>
				{theirs.map((line) => (
					<li key={line} dir="auto">
						{line}
					</li>
				))}
			</ul>
			<div class="actions">
				<Button onClick={() => onChoose(mine)}>{a("lines_keep")}</Button>
				<Button onClick={() => onChoose(textOf(theirs))}>{a("lines_take")}</Button>
				<Button onClick={() => onChoose(both)}>{a("lines_both")}</Button>
			</div>
		</section>
	);
}
