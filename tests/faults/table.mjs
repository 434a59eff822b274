// The table of outcomes, in Markdown, as docs/figures.md has it.

const HEADS = ["fault", "runs", "calls held", "acknowledged", "lost", "doubled", "out of order", "back p50", "max"];

/**
 * @param {string[]} names in their order
 * @param {import("./run.mjs").Outcome[]} outcomes
 */
export function table(names, outcomes) {
	const rows = names.map((name) =>
		rowOf(
			name,
			outcomes.filter((one) => one.name === name),
		),
	);
	const widths = HEADS.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at].length)));
	const line = (cells) =>
		`| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(" | ")} |`;
	const rule = `|${widths.map((width, at) => (at === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
	return [line(HEADS), rule, ...rows.map(line)].join("\n");
}

function rowOf(name, outcomes) {
	const sum = (of) => String(outcomes.reduce((total, one) => total + of(one), 0));
	const back = outcomes.flatMap((one) => (one.back_ms === null ? [] : [one.back_ms])).sort((a, b) => a - b);
	const ms = (value) => (value === undefined ? "-" : `${Math.round(value)} ms`);
	return [
		name,
		String(outcomes.length),
		sum((one) => (one.held ? 1 : 0)),
		sum((one) => one.acked),
		sum((one) => one.lost.length),
		sum((one) => one.doubled.length),
		sum((one) => one.disordered.length),
		ms(back[Math.floor((back.length - 1) / 2)]),
		ms(back.at(-1)),
	];
}
