// One upload: a signed slot, a PUT into it, and what to do when that fails. The call goes on
// meanwhile.

import type { Refusal } from "../../wire/generated";
import { MOMENTARY } from "../server/refusals";

/** A signed request, as the server gave it. */
export interface Slot {
	url: string;
	headers: readonly (readonly [string, string])[];
}

/**
 * Sends a body into a slot with exactly its headers. Resolves with the status; rejects when no
 * answer comes.
 */
export type Put = (slot: Slot, body: Blob, progress: (part: number) => void, signal: AbortSignal) => Promise<number>;

export interface UploadOptions {
	/** Requests a slot; null when no answer comes. */
	slot(): Promise<Slot | Refusal | null>;
	put: Put;
	clock: () => number;
	/** 0 to 1, never decreasing. */
	progress(part: number): void;
	/** Cancels the upload. */
	signal: AbortSignal;
}

/**
 * `there`: these bytes are in the store. `was_there`: something was there before, most likely these
 * bytes, whose answer was lost. `failed`: all tries failed.
 */
export type UploadOutcome = "there" | "was_there" | "failed" | Refusal;

export async function upload(body: Blob, options: UploadOptions): Promise<UploadOutcome> {
	const { clock, signal } = options;
	let slot: { given: Slot; at: number } | null = null;
	let most = 0;
	const progress = (part: number): void => {
		most = Math.max(most, Math.min(1, part));
		options.progress(most);
	};
	for (let tries = 0; !signal.aborted; tries += 1) {
		if (slot === null || clock() - slot.at > SLOT_MS) {
			const answer = await options.slot();
			if (answer !== null && "why" in answer) {
				if (!MOMENTARY.has(answer.why)) return answer;
				slot = null;
			} else slot = answer === null ? null : { given: answer, at: clock() };
		}
		if (slot !== null && !signal.aborted) {
			const status = await put(body, slot.given, options.put, progress, signal);
			if (status >= 200 && status < 300) return "there";
			if (status === 412) return "was_there";
			// The store refused the request: it expired, or was signed for other bytes.
			if (status >= 400 && status < 500) slot = null;
		}
		const wait = WAITS_MS[tries];
		if (wait === undefined || signal.aborted) return "failed";
		await later(wait, signal);
	}
	return "failed";
}

/**
 * Resolves with the status; 0 when no answer came or the upload stalled. Progress counts what was
 * put into the system's buffers: once all is there, only the answer tells when it has gone out.
 */
function put(
	body: Blob,
	slot: Slot,
	send: Put,
	progress: (part: number) => void,
	signal: AbortSignal,
): Promise<number> {
	const stalled = new AbortController();
	const abort = (): void => stalled.abort();
	let timer = setTimeout(abort, STALLED_MS);
	signal.addEventListener("abort", abort);
	const moved = (part: number): void => {
		clearTimeout(timer);
		timer = setTimeout(abort, part < 1 ? STALLED_MS : STALLED_MS + body.size / SLOWEST_BYTES_PER_MS);
		progress(part);
	};
	return send(slot, body, moved, stalled.signal)
		.catch(() => 0)
		.finally(() => {
			clearTimeout(timer);
			signal.removeEventListener("abort", abort);
		});
}

/** Uses XMLHttpRequest because `fetch` does not report an upload's progress. */
export const putOverHttp: Put = (slot, body, progress, signal) =>
	new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		const gone = (): void => reject(new Error("no answer to the upload"));
		request.open("PUT", slot.url);
		for (const [name, value] of slot.headers) request.setRequestHeader(name, value);
		request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
		request.onload = () => resolve(request.status);
		request.onerror = gone;
		request.onabort = gone;
		signal.addEventListener("abort", () => request.abort());
		request.send(body);
	});

function later(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const done = (): void => {
			clearTimeout(timer);
			signal.removeEventListener("abort", done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal.addEventListener("abort", done);
	});
}

const WAITS_MS = [500, 1_000, 2_000];
const STALLED_MS = 15_000;
/** 32 kbit/s: on a slower link there is no call. */
const SLOWEST_BYTES_PER_MS = 4;
/** A slot is valid for 120 s. */
const SLOT_MS = 100_000;
