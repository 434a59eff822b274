// What a tab remembers of a session: one page's memory, for one tab.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claim } from "../src/link/server/memory";
import { FakeLocks, FakeStore, SESSION } from "./fakes";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

test("a duplicated tab becomes a page of its own", async () => {
	const locks = new FakeLocks();
	const store = new FakeStore();
	const first = await claim(SESSION, store, locks);
	const copy = new FakeStore();
	for (const [key, value] of store.kept) copy.setItem(key, value);
	const second = claim(SESSION, copy, locks);
	await tick(1_000);
	expect((await second).memory.page).not.toBe(first.memory.page);
	first.release();
	await tick();
	expect((await claim(SESSION, store, locks)).memory.page).toBe(first.memory.page);
});

test("a page with spoilt memory starts as a new one", async () => {
	for (const spoilt of ["", "{", "null", "[]", '{"page":7}']) {
		const store = new FakeStore();
		store.setItem(`sightline.${SESSION}`, spoilt);
		expect((await claim(SESSION, store, null)).memory.page).toMatch(/^[\w-]{22}$/);
	}
	expect((await claim(SESSION, null, null)).memory.page).toMatch(/^[\w-]{22}$/);
});
