// Periods and bins of the figures.

import { expect, test, vi } from "vitest";
import { numberBars, secondBars } from "../src/agent/admin/figures/bins";
import { canAsk, daysOf } from "../src/agent/admin/figures/period";
import { utcDay } from "../src/agent/times";

test("a period has two days in order, and at most 93", () => {
	const can = (from: string, to: string): boolean => canAsk({ from, to });
	expect(can("2026-11-28", "2026-11-28")).toBe(true);
	expect(can("2026-01-01", "2026-04-03")).toBe(true);
	expect(can("2026-01-01", "2026-04-04")).toBe(false);
	expect(can("2026-11-28", "2026-11-27")).toBe(false);
	expect(can("", "2026-11-27")).toBe(false);
	expect(can("2026-11-27", "")).toBe(false);
});

test("each day of a period has its place, whatever the clocks do that night", () => {
	expect(daysOf({ from: "2026-02-27", to: "2026-03-02" })).toEqual([
		"2026-02-27",
		"2026-02-28",
		"2026-03-01",
		"2026-03-02",
	]);
	expect(daysOf({ from: "2026-01-01", to: "2026-04-03" })).toHaveLength(93);
	// A period of somebody who typed something else.
	expect(daysOf({ from: "0001-01-01", to: "9999-01-01" })).toHaveLength(93);
});

test("a day is the same day where the clocks are eleven hours behind", () => {
	vi.stubEnv("TZ", "Pacific/Niue");
	vi.stubGlobal("navigator", { language: "en-GB", languages: ["en-GB"] });
	expect(utcDay("2026-11-28")).toBe("28 Nov 2026");
	vi.unstubAllGlobals();
	vi.unstubAllEnvs();
});

test("bins are named by what is in them", () => {
	const names = (of: { name: string }[]): string[] => of.map(({ name }) => name);
	const bins = (...edges: number[]) => [...edges.map((below) => ({ below, calls: 0 })), { calls: 0 }];
	expect(names(secondBars(bins(30, 60, 120, 3_600)))).toEqual([
		"0–30 s",
		"30–60 s",
		"1–2 min",
		"2–60 min",
		"60 min or more",
	]);
	expect(names(secondBars(bins(60, 180)))).toEqual(["0–60 s", "1–3 min", "3 min or more"]);
	expect(names(numberBars(bins(1, 2, 3, 6, 11)))).toEqual(["0", "1", "2", "3–5", "6–10", "11 or more"]);
});
