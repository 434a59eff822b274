import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { numberPreview } from "../src/agent/number-preview";
import { doubtWords, faultWords, readWords } from "../src/agent/number-words";
import type { ApiResult } from "../src/link/server/api";
import type { NumberReading, ReadNumber } from "../src/wire/generated";

vi.hoisted(() => vi.stubGlobal("navigator", { language: "en", languages: ["en"] }));

const NORWAY: NumberReading = {
	number: "+4747075955",
	formatted: "+47 47 07 59 55",
	region: "NO",
	kind: "mobile",
	texting: "usual",
};

/** A server that answers each request when told. */
function server() {
	const asked: { body: ReadNumber; answer: (result: ApiResult<NumberReading>) => void }[] = [];
	const ask = (body: ReadNumber): Promise<ApiResult<NumberReading>> =>
		new Promise((answer) => {
			asked.push({ body, answer });
		});
	return { asked, ...numberPreview(ask) };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("the server is asked 300 ms after the last key, once", async () => {
	const { asked, preview, typed } = server();
	for (const number of ["4707", "47075", "470759", "47075955"]) {
		typed({ number, region: "NO" });
		vi.advanceTimersByTime(299);
	}
	expect(asked).toEqual([]);
	vi.advanceTimersByTime(1);
	expect(asked.map(({ body }) => body)).toEqual([{ number: "47075955", region: "NO" }]);
	expect(preview.value).toBe(null);
	asked[0]?.answer({ ok: true, value: NORWAY });
	await vi.advanceTimersByTimeAsync(0);
	expect(preview.value).toEqual({ reading: NORWAY });
	// The same again asks nothing; another country does.
	typed({ number: "47075955", region: "NO" });
	expect(preview.value).toEqual({ reading: NORWAY });
	typed({ number: "47075955", region: "SE" });
	expect(preview.value).toBe(null);
	vi.advanceTimersByTime(300);
	expect(asked).toHaveLength(2);
});

test("an answer that comes after the next key is not shown", async () => {
	const { asked, preview, typed, stop } = server();
	typed({ number: "47075955", region: "NO" });
	vi.advanceTimersByTime(300);
	typed({ number: "470759551", region: "NO" });
	asked[0]?.answer({ ok: true, value: NORWAY });
	await vi.advanceTimersByTimeAsync(0);
	expect(preview.value).toBe(null);
	stop();
	vi.advanceTimersByTime(1_000);
	expect(asked).toHaveLength(1);
});

test("faults are shown, but not while the number may only be unfinished", async () => {
	const { asked, preview, typed } = server();
	const answers: [ApiResult<NumberReading>, unknown][] = [
		[{ ok: false, error: { error: "bad_number", why: "letters" } }, { fault: "letters" }],
		[{ ok: false, error: { error: "bad_number", why: "short" } }, null],
		[{ ok: false, error: { error: "bad_number" } }, null],
		[{ ok: false, error: { error: "network" } }, null],
	];
	for (const [index, [answer, shown]] of answers.entries()) {
		typed({ number: `0151 234${index}`, region: "DE" });
		vi.advanceTimersByTime(300);
		asked[index]?.answer(answer);
		await vi.advanceTimersByTimeAsync(0);
		expect(preview.value).toEqual(shown);
	}
	typed({ number: "015", region: "DE" });
	vi.advanceTimersByTime(300);
	expect(asked).toHaveLength(answers.length);
	typed({ number: "٠٥٠ ١٢٣", region: "SA" });
	vi.advanceTimersByTime(300);
	expect(asked).toHaveLength(answers.length + 1);
});

test("a reading is shown with country, kind and what speaks against it", () => {
	const shown = (text: string): string => text.replace(/[\u2066-\u2069]/g, "");
	expect(shown(readWords(NORWAY))).toBe("+47 47 07 59 55, Norway, mobile");
	expect(doubtWords(NORWAY)).toBe("");
	const satellite: NumberReading = {
		number: "+80012345678",
		formatted: "+800 1234 5678",
		kind: "toll_free",
		texting: "kind_refused",
	};
	expect(shown(readWords(satellite))).toBe("+800 1234 5678, free of charge for callers");
	expect(doubtWords(satellite)).toContain("never sent");
	expect(shown(doubtWords({ ...NORWAY, texting: "two_readings", other: satellite }))).toContain("+800 1234 5678");
	expect(shown(faultWords("digits", "NO"))).toContain("Norway");
	expect(faultWords(undefined, "NO")).toContain("not a phone number");
});
