// What a request says of the page's seat, and when that is too late to be true.

import { expect, test } from "vitest";
import { Reach } from "../src/link/server/reach";

function reach() {
	const page = { since: 1 as number | null, gone: 0 };
	let answer = (_: "held" | "gone" | "unknown"): void => undefined;
	const made = new Reach({
		clock: () => 10_000,
		unattachedSince: () => page.since,
		ask: () => new Promise((resolve) => (answer = resolve)),
		tryNow: () => undefined,
		gone: () => {
			page.gone += 1;
		},
	});
	const asked = made.ask();
	const answered = async (state: "held" | "gone" | "unknown"): Promise<void> => {
		answer(state);
		await asked;
	};
	return { page, answered };
}

test("a page that has no seat any more stops", async () => {
	const { page, answered } = reach();
	await answered("gone");
	expect(page.gone).toBe(1);
});

test.each([
	["is attached", null],
	["was attached", 2],
])("a page that %s since it asked goes on", async (_, since) => {
	const { page, answered } = reach();
	page.since = since;
	await answered("gone");
	expect(page.gone).toBe(0);
});
