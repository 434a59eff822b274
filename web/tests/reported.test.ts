// What the browser reports about itself is read in one place each, and never trusted.

import { readdirSync, readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { keepsCookies, tab } from "../src/ui/remember";

const SRC = new URL("../src/", import.meta.url);
afterEach(() => vi.unstubAllGlobals());

test("only one file reads the browser's languages", () => {
	const names = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
	const readers = names.filter((name) => /navigator\.languages?\b/.test(readFileSync(new URL(name, SRC), "utf8")));
	expect(readers, "reportedLanguages() has those that Intl takes").toEqual(["i18n/reported.ts"]);
});

test("a browser keeps cookies if it says so and lets the page store something", () => {
	const forbidden = () => {
		throw new DOMException("storage is forbidden", "SecurityError");
	};
	vi.stubGlobal("navigator", { cookieEnabled: true });
	vi.stubGlobal("sessionStorage", { getItem: () => null });
	expect(keepsCookies()).toBe(true);
	Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get: forbidden });
	expect(keepsCookies()).toBe(false);
	expect(tab.recall("name")).toBeNull();
	Object.defineProperty(globalThis, "sessionStorage", { configurable: true, value: {} });
	vi.stubGlobal("navigator", { cookieEnabled: false });
	expect(keepsCookies()).toBe(false);
});
