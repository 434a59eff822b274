import { Field } from "../Field";
import { w } from "../words";
import { LINES_MAX, WRITTEN_MAX } from "./lines";
import { writeLines, written } from "./ready";

/** Where the agent writes the lines that the chat has ready. */
export function LineSettings() {
	return (
		<Field label={w("ready_lines")} hint={w("ready_lines_more", { n: LINES_MAX })}>
			{(field) => (
				<textarea
					{...field}
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
