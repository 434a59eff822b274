import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Put, type Slot, type UploadOptions, upload } from "../src/link/picture/upload";
import type { Refusal } from "../src/wire/generated";

let slots: number;
let puts: Slot[];
let parts: number[];

const BODY = new Blob(["x"], { type: "image/jpeg" });
const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
	[slots, puts, parts] = [0, [], []];
});
afterEach(() => vi.useRealTimers());

/** Answers of the store in turn: a status, or what a test does with the request. */
function begin(answers: (number | Put)[], more: Partial<UploadOptions> = {}, body = BODY) {
	return upload(body, {
		slot: async () => {
			slots += 1;
			return { url: `/put/${slots}`, headers: [] };
		},
		put: (slot, ...rest) => {
			puts.push(slot);
			const answer = answers[puts.length - 1];
			if (answer === undefined) throw new Error("one put too many");
			return typeof answer === "number" ? Promise.resolve(answer) : answer(slot, ...rest);
		},
		clock: () => performance.now(),
		progress: (part) => parts.push(part),
		signal: new AbortController().signal,
		...more,
	});
}

const offline: Put = () => Promise.reject(new Error("offline"));

test("any 2xx means that the bytes are there", async () => {
	expect(await begin([200])).toBe("there");
	puts = [];
	expect(await begin([204])).toBe("there");
});

test("412 means that the object is there already", async () => {
	const became = begin([offline, 412]);
	await tick(500);
	expect(await became).toBe("was_there");
});

test("a network that fails is tried again after 0.5, 1 and 2 s, on the same slot, and then no more", async () => {
	const became = begin([offline, 503, offline, 500]);
	await tick(499);
	expect(puts).toHaveLength(1);
	await tick(1);
	expect(puts).toHaveLength(2);
	await tick(1_000);
	expect(puts).toHaveLength(3);
	await tick(2_000);
	expect(await became).toBe("failed");
	expect(slots).toBe(1);
});

test("403 requests another slot", async () => {
	const became = begin([403, 200]);
	await tick(500);
	expect(await became).toBe("there");
	expect(puts.map(({ url }) => url)).toEqual(["/put/1", "/put/2"]);
});

test("a slot older than 100 s is not used any more", async () => {
	const slow: Put = async (_slot, _body, progress) => {
		for (let s = 0; s < 10; s += 1) {
			await new Promise((resolve) => setTimeout(resolve, 10_100));
			progress(s / 10);
		}
		return 500;
	};
	const became = begin([slow, 200]);
	await tick(102_000);
	expect(await became).toBe("there");
	expect(slots).toBe(2);
});

test("an upload that stalls for 15 s is given up, a slow one that moves is not", async () => {
	const aborted: number[] = [];
	const stalls: Put = (_slot, _body, progress, signal) =>
		new Promise((_, reject) => {
			setTimeout(() => progress(0.5), 14_000);
			signal.addEventListener("abort", () => {
				aborted.push(Math.round(performance.now()));
				reject(new Error("aborted"));
			});
		});
	const began = performance.now();
	const became = begin([stalls, 200]);
	await tick(30_000);
	expect(await became).toBe("there");
	expect((aborted[0] ?? 0) - began).toBeCloseTo(29_000, -2);
});

test("an upload that is out waits for its answer, as long as a slow uplink needs", async () => {
	const picture = new Blob([new Uint8Array(1_000_000)], { type: "image/jpeg" });
	const answersAfter =
		(ms: number): Put =>
		(_slot, _body, progress, signal) =>
			new Promise((resolve, reject) => {
				progress(1);
				setTimeout(() => resolve(200), ms);
				signal.addEventListener("abort", () => reject(new Error("aborted")));
			});
	const slow = begin([answersAfter(240_000)], {}, picture);
	await tick(240_000);
	expect(await slow).toBe("there");
	puts = [];
	const lost = begin([answersAfter(1_000_000), 200], {}, picture);
	await tick(265_000);
	expect(puts).toHaveLength(1);
	await tick(1_000);
	expect(await lost).toBe("there");
});

test("progress never decreases", async () => {
	const once =
		(part: number, status: number): Put =>
		async (_slot, _body, progress) => {
			progress(part);
			return status;
		};
	const became = begin([once(0.8, 500), once(0.2, 500), once(1, 200)]);
	await tick(2_000);
	expect(await became).toBe("there");
	expect(parts).toEqual([0.8, 0.8, 1]);
});

test("a refused slot is the outcome; one refused for the moment is requested again", async () => {
	expect(await begin([], { slot: async () => ({ why: "no_picture" }) })).toEqual({ why: "no_picture" });
	const answers: (Refusal | Slot | null)[] = [{ why: "busy" }, null, { url: "/put", headers: [] }];
	const became = begin([200], { slot: async () => answers.shift() ?? null });
	await tick(2_000);
	expect(await became).toBe("there");
});

test("a cancelled upload stops at once and requests nothing more", async () => {
	const over = new AbortController();
	const hangs: Put = (_slot, _body, _progress, signal) =>
		new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
	const became = begin([hangs], { signal: over.signal });
	await tick(10);
	over.abort();
	expect(await became).toBe("failed");
	expect(puts).toHaveLength(1);
});
