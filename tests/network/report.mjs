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

/** How much a busy machine may take from an aim before it is a fault. */
const SLACK = 2.5;
/** What a busy machine does not decide by itself, as it does a single freeze. */
const STURDY = ["fps", "longest_ms", "back_ms", "made_up_percent"];

/**
 * The aims that were missed by so much that something broke.
 * @param {{ cell: import("./cells.mjs").Cell, result: Record<string, unknown> }} measured
 */
export function farBelow({ cell, result }) {
	const sturdy = cell.aims.filter(({ what }) => STURDY.includes(what));
	const eased = sturdy.map(({ what, most, least }) =>
		most === undefined ? { what, least: least / SLACK } : { what, most: most * SLACK },
	);
	return eased.filter((aim) => !holds(aim, result)).map((aim) => `${cell.name}: ${judged(aim, result)}`);
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
