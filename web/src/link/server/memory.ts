// What a page remembers over a reload of its tab: its id, its unanswered commands, the devices that
// were on.

import type { Snapshot } from "../../session/outbox";
import type { PageId, SessionId } from "../../wire/generated";

export interface Memory {
	page: PageId;
	outbox: Snapshot | null;
	/** The last attempt at an offer. */
	attempt: number;
	joined: boolean;
	microphone: boolean;
	camera: boolean;
	/** Pictures that were being sent to the chat. */
	sending: readonly number[];
}

/** Where the memory is kept; a test gives its own. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;
export type Locks = Pick<LockManager, "request">;

/** A page's hold on its memory. */
export interface Claim {
	memory: Memory;
	save(): void;
	/** Nothing is left in the browser, whatever is saved later. */
	forget(): void;
	/** Lets another page of this tab claim it. */
	release(): void;
}

/**
 * Claims the tab's memory of a session. A duplicated tab gets a copy of sessionStorage: a lock
 * tells the copy from the original, and the copy starts as a new page.
 */
export async function claim(session: SessionId, store: Store | null, locks: Locks | null): Promise<Claim> {
	const key = `sightline.${session}`;
	let memory = read(store, key) ?? fresh();
	let release = await hold(memory.page, locks);
	if (release === null) {
		memory = fresh();
		release = await hold(memory.page, locks);
	}
	let forgotten = false;
	const save = (): void => {
		try {
			if (!forgotten) store?.setItem(key, JSON.stringify(memory));
		} catch {
			// Storage is full or forbidden: a reload starts as a new page, the call itself is
			// unharmed.
		}
	};
	save();
	const forget = (): void => {
		forgotten = true;
		store?.removeItem(key);
	};
	return { memory, save, forget, release: release ?? (() => undefined) };
}

/** 128 bits as the wire writes them. */
export function freshId(): PageId {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
}

function fresh(): Memory {
	return { page: freshId(), outbox: null, attempt: 0, joined: false, microphone: false, camera: false, sending: [] };
}

function read(store: Store | null, key: string): Memory | null {
	try {
		const text = store?.getItem(key);
		if (text === null || text === undefined) return null;
		const memory: unknown = JSON.parse(text);
		const is = typeof memory === "object" && memory !== null && "page" in memory && typeof memory.page === "string";
		return is ? { ...fresh(), ...(memory as Partial<Memory>) } : null;
	} catch {
		return null;
	}
}

/**
 * Returns null when another page holds the lock. After a reload, the page before may hold it for a
 * moment.
 */
function hold(page: PageId, locks: Locks | null): Promise<(() => void) | null> {
	if (locks === null) return Promise.resolve(() => undefined);
	return new Promise((resolve) => {
		const waiting = new AbortController();
		const timer = setTimeout(() => waiting.abort(), HOLD_MS);
		locks
			.request(`sightline.${page}`, { signal: waiting.signal }, () => {
				clearTimeout(timer);
				return new Promise<void>((release) => resolve(release));
			})
			.catch(() => resolve(null));
	});
}

const HOLD_MS = 700;
