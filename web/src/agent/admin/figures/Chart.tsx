import { useId } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { a } from "../words";

/** One bar of a chart, and one line of its table. */
export interface Bar {
	name: string;
	calls: number;
}

interface ChartProps {
	title: string;
	more?: string | undefined;
	children: ComponentChildren;
	/** The heads of the table, and its lines. */
	heads: readonly string[];
	lines: readonly (readonly [string, ...number[]])[];
}

/** A chart with the table of its numbers behind it. */
export function Chart({ title, more, children, heads, lines }: ChartProps) {
	const id = useId();
	return (
		<section class="card chart" aria-labelledby={id}>
			<h2 id={id}>{title}</h2>
			{more !== undefined && <p class="hint">{more}</p>}
			{children}
			<details>
				<summary aria-label={a("figures_table_of", { chart: title })}>{a("figures_table")}</summary>
				<div class="keys-frame">
					<table class="figures">
						<thead>
							<tr>
								{heads.map((head) => (
									<th key={head} scope="col">
										{head}
									</th>
								))}
							</tr>
						</thead>
						<tbody>
							{lines.map(([name, ...numbers]) => (
								<tr key={name}>
									<th scope="row">{name}</th>
									{numbers.map((number, at) => (
										<td key={at}>{number}</td>
									))}
								</tr>
							))}
						</tbody>
					</table>
				</div>
			</details>
		</section>
	);
}

/** A chart of one number each, as bars from the start of the line. */
export function Bars({ title, more, bars, of }: { title: string; more?: string; bars: readonly Bar[]; of?: number }) {
	const most = Math.max(1, of ?? 0, ...bars.map((bar) => bar.calls));
	return (
		<Chart
			title={title}
			more={more}
			heads={[title, a("column_calls")]}
			lines={bars.map(({ name, calls }) => [name, calls])}
		>
			<ul class="bars">
				{bars.map(({ name, calls }) => (
					<li key={name}>
						<span>{name}</span>
						<i class="share" style={{ "--share": String(calls / most) }} />
						<b>{calls}</b>
					</li>
				))}
			</ul>
		</Chart>
	);
}
