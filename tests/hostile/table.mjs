// The table of attacks, in Markdown, as docs/figures.md has it.

const HEADS = [
	"attack",
	"packets",
	"lost",
	"p99 without",
	"p99 with",
	"chat p99 without",
	"with",
	"pictures",
	"memory",
	"lines",
];

export function table(where, calls, rows) {
	const cells = rows.map(({ name, before, during, memory, grown, lines }) => [
		name,
		String(during.sent),
		String(during.lost),
		ms(before.p99_ms),
		ms(during.p99_ms),
		ms(before.chat_p99_ms),
		ms(during.chat_p99_ms),
		String(during.pictures),
		`${Math.round(memory)} ${grown < 0 ? "-" : "+"} ${Math.abs(grown).toFixed(1)} MiB`,
		String(lines),
	]);
	const widths = HEADS.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at].length)));
	const line = (row) =>
		`| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join(" | ")} |`;
	const rule = `|${widths.map((width, at) => (at === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
	return [`\n${where}, ${calls} calls\n`, line(HEADS), rule, ...cells.map(line)].join("\n");
}

function ms(value) {
	return `${value.toFixed(1)} ms`;
}
