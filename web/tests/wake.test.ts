import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepAwake } from "../src/ui/wake";

class Lock extends EventTarget {
	released = false;
	async release(): Promise<void> {
		if (this.released) return;
		this.released = true;
		this.dispatchEvent(new Event("release"));
	}
}

class Page extends EventTarget {
	visibilityState = "visible";
	allowed = true;
	featurePolicy = { allowsFeature: (name: string) => name === "screen-wake-lock" && this.allowed };
}

let locks: Lock[];
let asked: number;
let refuses: boolean;
let page: Page;

beforeEach(() => {
	vi.useFakeTimers();
	locks = [];
	asked = 0;
	refuses = false;
	page = new Page();
	const request = async (): Promise<Lock> => {
		asked += 1;
		if (refuses) throw new DOMException("battery", "NotAllowedError");
		const lock = new Lock();
		locks.push(lock);
		return lock;
	};
	vi.stubGlobal("document", page);
	vi.stubGlobal("navigator", { wakeLock: { request } });
});
afterEach(() => {
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

const held = (): number => locks.filter((lock) => !lock.released).length;

test("a lock that the system takes is requested again while the page is visible", async () => {
	const stop = keepAwake();
	for (let n = 0; n < 3; n += 1) {
		await vi.advanceTimersByTimeAsync(10_000);
		expect(held()).toBe(1);
		await locks.at(-1)?.release();
		expect(held()).toBe(0);
	}
	await vi.advanceTimersByTimeAsync(10_000);
	expect(held()).toBe(1);
	stop();
	await vi.advanceTimersByTimeAsync(100_000);
	expect(held()).toBe(0);
});

test("a page in the background requests nothing, and the lock again on return", async () => {
	const stop = keepAwake();
	await vi.advanceTimersByTimeAsync(0);
	page.visibilityState = "hidden";
	await locks[0]?.release();
	await vi.advanceTimersByTimeAsync(100_000);
	expect(asked).toBe(1);
	page.visibilityState = "visible";
	page.dispatchEvent(new Event("visibilitychange"));
	await vi.advanceTimersByTimeAsync(0);
	expect(held()).toBe(1);
	stop();
});

test("a page whose holder does not allow the lock requests none", async () => {
	page.allowed = false;
	const stop = keepAwake();
	await vi.advanceTimersByTimeAsync(100_000);
	expect(asked).toBe(0);
	stop();
});

test("a system that refuses is asked less and less often", async () => {
	refuses = true;
	const stop = keepAwake();
	await vi.advanceTimersByTimeAsync(600_000);
	expect(asked).toBeLessThan(20);
	refuses = false;
	await vi.advanceTimersByTimeAsync(60_000);
	expect(held()).toBe(1);
	stop();
});
