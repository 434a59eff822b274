import { fill, type Key, lines } from "../i18n";

/** Instructions, step by step. */
export function Steps({ of, values }: { of: Key; values?: Readonly<Record<string, string>> }) {
	return (
		<ol class="steps">
			{lines(of).map((line) => (
				<li key={line}>{fill(line, values)}</li>
			))}
		</ol>
	);
}
