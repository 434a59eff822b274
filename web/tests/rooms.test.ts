// What a room must not know.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const SRC = new URL("../src/", import.meta.url);

function files(folder: string): [string, string][] {
	const at = new URL(`${folder}/`, SRC);
	return readdirSync(at, { recursive: true, encoding: "utf8" })
		.filter((name) => /\.tsx?$/.test(name))
		.map((name) => [
			`${folder}/${name}`,
			readFileSync(new URL(name, at), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ""),
		]);
}

test("session knows neither the page, nor the network, nor a clock: it imports words and itself", () => {
	for (const [name, text] of files("session")) {
		for (const [, from] of text.matchAll(/from "([^"]+)"/g)) {
			expect(from, `${name}: take its result as an argument`).toMatch(/^\.\/|^\.\.\/wire\//);
		}
		const outside =
			/\b(document|window|navigator|sessionStorage|WebSocket|RTC\w+|fetch|setTimeout|performance)\b[.(]|Date\.now|Math\.random/;
		expect(outside.exec(text)?.[0], `${name}: that belongs to link/`).toBeUndefined();
	}
});

test("ink knows neither the page, nor the network, nor a clock: it imports words and itself", () => {
	for (const [name, text] of files("ink")) {
		for (const [, from] of text.matchAll(/from "([^"]+)"/g)) {
			expect(from, `${name}: take its result as an argument`).toMatch(/^\.\/|^\.\.\/wire\//);
		}
		const outside =
			/\b(document|window|navigator|\w+Storage|WebSocket|RTC\w+|fetch|set(Timeout|Interval)|requestAnimationFrame|performance|crypto|Image|OffscreenCanvas|Path2D)\b[.(]|Date\.now|new Date\(\)|Math\.random/;
		expect(outside.exec(text)?.[0], `${name}: that belongs to link/ or a page`).toBeUndefined();
	}
});

test("a page touches neither socket nor peer connection nor devices: it asks link", () => {
	for (const [name, text] of ["customer", "agent", "ui"].flatMap(files)) {
		const network = /\bnew (WebSocket|RTCPeerConnection)\b|\bgetUserMedia\(|\bfetch\(/;
		expect(network.exec(text)?.[0], `${name}: that belongs to link/`).toBeUndefined();
	}
});

test("the customer's page imports nothing of the agent's", () => {
	for (const [name, text] of ["customer", "ui", "link", "session", "i18n"].flatMap(files)) {
		expect(text, `${name}: what both need belongs to ui/`).not.toMatch(/from "(\.\.\/)+agent\//);
	}
});
