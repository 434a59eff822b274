// Writes reference.tsv: pairs of colours and their contrast, as another library computes it.
//
//     npm install wcag-contrast@3.0.0
//     node reference.mjs > reference.tsv

import { hex } from "wcag-contrast";

const parts = ["00", "0a", "0b", "5c", "80", "c0", "ff"];
const colours = parts.flatMap((red, at) => parts.map((green, by) => `#${red}${green}${parts[(at + 3 * by) % parts.length]}`));
const grounds = ["#f4f7fa", "#ffffff", "#10171f", "#19232e"];
for (const [at, colour] of colours.entries()) {
	const others = [colours[(at * 11 + 5) % colours.length], colours[(at * 29 + 7) % colours.length]];
	for (const other of [...grounds, "#000000", "#808080", "#0f5cc0", ...others]) {
		console.log(`${colour}\t${other}\t${hex(colour, other).toFixed(4)}`);
	}
}
