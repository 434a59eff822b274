// The phone's back button in a call, in a browser that skips entries which a page added without a
// tap: the invariants of chromium/src, `docs/history_manipulation_intervention.md`.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { guardBack } from "../src/customer/guard";

interface Entry {
	state: unknown;
	skipped: boolean;
}

class Phone extends EventTarget {
	/** Another site, then the page. */
	entries: Entry[] = [
		{ state: "elsewhere", skipped: false },
		{ state: null, skipped: false },
	];
	at = 1;
	tapped = true;

	get state(): unknown {
		return this.entries[this.at]?.state;
	}
	get left(): boolean {
		return this.at === 0;
	}
	pushState(state: unknown): void {
		// One state for all entries of the document.
		if (!this.tapped) this.#skips(true);
		this.entries.splice(this.at + 1, Number.POSITIVE_INFINITY, { state, skipped: false });
		this.at += 1;
	}
	go(by: number): void {
		this.at += by;
		this.tapped = false;
		this.dispatchEvent(new Event("popstate"));
	}
	#skips(skipped: boolean): void {
		for (const entry of this.entries.slice(1)) entry.skipped = skipped;
	}
	/** The person presses Back. */
	back(): void {
		let to = this.at - 1;
		while (to > 0 && this.entries[to]?.skipped) to -= 1;
		this.go(to - this.at);
	}
	tap(): void {
		this.tapped = true;
		this.#skips(false);
		this.dispatchEvent(new Event("pointerup"));
	}
}

let phone: Phone;
let asked: number;
let stop: () => void;

beforeEach(() => {
	phone = new Phone();
	vi.stubGlobal("history", phone);
	vi.stubGlobal("location", { href: "/j" });
	vi.stubGlobal("addEventListener", phone.addEventListener.bind(phone));
	vi.stubGlobal("removeEventListener", phone.removeEventListener.bind(phone));
	asked = 0;
	stop = guardBack(() => {
		asked += 1;
	});
});
afterEach(() => vi.unstubAllGlobals());

test("nine presses of Back without a tap ask nine times, and nobody has left", () => {
	for (let press = 1; press <= 9; press += 1) {
		phone.back();
		expect([asked, phone.left]).toEqual([press, false]);
	}
});

test("after a tap there is room for as many again", () => {
	for (let round = 0; round < 5; round += 1) {
		for (let press = 0; press < 8; press += 1) phone.back();
		phone.tap();
	}
	expect([asked, phone.left]).toEqual([40, false]);
	expect(phone.entries.length).toBeLessThan(15);
});

test("after the call one press of Back leaves", () => {
	phone.back();
	phone.tap();
	stop();
	phone.back();
	expect([asked, phone.left]).toEqual([1, true]);
});

test("a page that was reloaded in the call asks as before", () => {
	phone.back();
	stop = guardBack(() => {
		asked += 10;
	});
	phone.tap();
	phone.back();
	expect(phone.left).toBe(false);
	expect(phone.entries.length).toBeLessThan(15);
});
