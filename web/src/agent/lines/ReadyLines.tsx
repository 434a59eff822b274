import { useRef } from "preact/hooks";
import "./lines.css";
import { w } from "../words";
import { readyLines } from "./ready";

/** The ready lines above the field of the chat. A press writes one into the field, to be sent. */
export function ReadyLines({ write }: { write: (line: string) => void }) {
	const list = useRef<HTMLDetailsElement>(null);
	if (readyLines.value.length === 0) return null;
	const pick = (line: string): void => {
		if (list.current !== null) list.current.open = false;
		write(line);
	};
	return (
		<details class="ready-lines" ref={list}>
			<summary>{w("ready_lines")}</summary>
			<ul>
				{readyLines.value.map((line) => (
					<li key={line}>
						<button type="button" dir="auto" onClick={() => pick(line)}>
							{line}
						</button>
					</li>
				))}
			</ul>
		</details>
	);
}
