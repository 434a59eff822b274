import "./lines-field.css";
import { Field } from "../Field";
import { w } from "../words";
import { READY_LINES_MAX } from "../../wire/generated";
import { WRITTEN_MAX } from "./lines";
import { writeLines, written } from "./ready";

/** Where the agent writes the lines that the chat has ready. */
export function LineSettings() {
	return (
		<Field label={w("ready_lines")} hint={w("ready_lines_more", { n: READY_LINES_MAX })}>
			{(field) => (
				<textarea
					{...field}
					class="lines-field"
					rows={4}
					dir="auto"
					maxLength={WRITTEN_MAX}
					value={written.peek()}
					onInput={(event) => writeLines(event.currentTarget.value)}
				/>
			)}
		</Field>
	);
}
