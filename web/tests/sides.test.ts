// Right-to-left languages: what stands beside something else is placed by the direction of the text
// (`inset-inline-start`), not by a side of the screen (`left`).

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../src/", import.meta.url));

/** Pixels of a picture count from its left edge in every language. */
const IN_A_PICTURE = [
	"ui/board/board.css: left: 0",
	"ui/board/board.css: inset: -7px auto auto -7px",
	"ui/board/board.css: inset: -1px auto auto -16px",
	"ui/board/board.css: inset: -16px auto auto -1px",
	"ui/call.css: left: 0",
	"ui/call.css: inset: -10px auto auto -10px",
	"ui/call.css: inset: 9px auto auto 9px",
	"agent/board/toolset.css: left: 0",
];

test("styles name no left and no right, except in a picture", () => {
	const found = stylesheets().flatMap(({ file, text }) => sided(text).map((one) => `${file}: ${one}`));
	expect([...new Set(found)].toSorted()).toEqual(IN_A_PICTURE.toSorted());
});

test("what names a side is found", () => {
	const sides = [
		"margin-left: 1px",
		"border-right-width: 1px",
		"right: 0",
		"text-align: right",
		"float: left",
		"object-position: left",
		"border-top-left-radius: 1px",
		"padding: 1px 2px 3px calc(4px + 1px)",
		"border-radius: 1px 2px 2px 1px",
	];
	expect(sided(`a { ${sides.join("; ")} }`)).toEqual(sides);
	const fine =
		"a { margin: 1px 2px; padding: 1px 2px 3px 2px; inset: 0; border-radius: 1px; text-align: start } .left { top: 0 }";
	expect(sided(fine)).toEqual([]);
});

/** The declarations that mean a side of the screen. */
function sided(css: string): string[] {
	const bare = css.replace(/\/\*.*?\*\//gs, "");
	const declarations = [...bare.matchAll(/([a-z-]+)\s*:\s*([^;{}]+)(?=[;}])/g)];
	return declarations
		.filter(([, name = "", value = ""]) => isSided(name, value))
		.map(([, name, value = ""]) => `${name}: ${value.trim().replace(/\s+/g, " ")}`);
}

function isSided(name: string, value: string): boolean {
	if (/(^|-)(left|right)(-|$)/.test(name)) return true;
	if (/^(text-align|float|clear|object-position|background-position|justify-.*)$/.test(name)) {
		return /\b(left|right)\b/.test(value);
	}
	const [top, right, bottom, left] = parts(value);
	if (name === "border-radius") return right !== undefined && (top !== right || bottom !== left);
	return (
		/^(margin|padding|inset|border-width|scroll-padding|scroll-margin)$/.test(name) &&
		left !== undefined &&
		left !== right
	);
}

/** What stands between spaces outside parentheses. */
function parts(value: string): string[] {
	let depth = 0;
	let text = "";
	for (const letter of value.trim().replace(/\s+/g, " ")) {
		if (letter === "(") depth += 1;
		if (letter === ")") depth -= 1;
		text += letter === " " && depth > 0 ? "_" : letter;
	}
	return text.split(" ");
}

function stylesheets(): { file: string; text: string }[] {
	return readdirSync(SRC, { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".css"))
		.map((file) => ({ file, text: readFileSync(SRC + file, "utf8") }));
}
