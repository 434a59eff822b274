// When a page that a call left behind is printed.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { printWhole } from "../src/agent/detail/printing";

const print = vi.fn();
let decodes: (() => Promise<void>)[];

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	print.mockClear();
	decodes = [];
	vi.stubGlobal("document", { querySelectorAll: () => decodes.map((decode) => ({ decode })) });
	vi.stubGlobal("window", { print });
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

test("a page is printed once its pictures came or failed", async () => {
	let comes = (): void => undefined;
	decodes = [
		() =>
			new Promise((resolve) => {
				comes = resolve;
			}),
		() => Promise.reject(new Error("lost")),
	];
	const done = printWhole(() => true);
	await vi.advanceTimersByTimeAsync(1_000);
	expect(print).not.toHaveBeenCalled();
	comes();
	await done;
	expect(print).toHaveBeenCalledOnce();
});

test("it does not wait for a picture that never comes", async () => {
	decodes = [() => new Promise(() => undefined)];
	const done = printWhole(() => true);
	await vi.advanceTimersByTimeAsync(20_000);
	await done;
	expect(print).toHaveBeenCalledOnce();
});

test("no other page is printed in its place", async () => {
	let there = true;
	decodes = [() => new Promise(() => undefined)];
	const done = printWhole(() => there);
	await vi.advanceTimersByTimeAsync(10_000);
	there = false;
	await vi.advanceTimersByTimeAsync(10_000);
	await done;
	expect(print).not.toHaveBeenCalled();
});
