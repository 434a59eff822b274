// The table of figures in Markdown, and the aims that were missed.

const COLUMNS = [
	["fps", 1],
	["freezes", 0],
	["frozen_percent", 1],
	["longest_ms", 0],
	["kbit", 0],
	["made_up_percent", 1],
	["size", null],
	["lobby_ms", 0],
	["join_ms", 0],
	["back_ms", 0],
	["rate_back_ms", 0],
];

/** @param {{ cell: import("./cells.mjs").Cell, result: Record<string, unknown> }[]} results */
export function report(results) {
	const heads = ["cell", ...COLUMNS.map(([name]) => name.replaceAll("_", " ")), "reads", "aims"];
	const rows = results.map(({ cell, result }) => [
		cell.name,
		...COLUMNS.map(([name, places]) => shown(result[name], places)),
		result.says ?? "",
		cell.aims.map((aim) => judged(aim, result)).join("; "),
	]);
	const line = (cells) => `| ${cells.join(" | ")} |`;
	const missed = results.flatMap(({ cell, result }) =>
		cell.aims.filter((aim) => !holds(aim, result)).map((aim) => `${cell.name}: ${judged(aim, result)}`),
	);
	const aims = results.flatMap(({ cell }) => cell.aims).length;
	return [
		line(heads),
		`|${heads.map(() => "---").join("|")}|`,
		...rows.map(line),
		"",
		`${aims - missed.length} of ${aims} aims reached.`,
		...missed.map((one) => `missed: ${one}`),
	].join("\n");
}

/** @param {import("./cells.mjs").Aim} aim */
function holds({ what, most, least }, result) {
	const value = result[what];
	if (typeof value !== "number" || Number.isNaN(value)) return false;
	return most === undefined ? value >= least : value <= most;
}

function judged(aim, result) {
	const bound = aim.most === undefined ? `at least ${aim.least}` : `at most ${aim.most}`;
	return `${aim.what.replaceAll("_", " ")} ${shown(result[aim.what], 1)}, ${bound}`;
}

function shown(value, places) {
	if (value === undefined) return "";
	if (typeof value !== "number") return String(value);
	return Number.isFinite(value) ? value.toFixed(places ?? 0) : "never";
}
