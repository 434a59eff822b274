// The parts of a browser that `link/` uses.

import type { Decoded, Frame } from "../src/link/picture/capture";
import type { Sheet } from "../src/link/picture/composing";
import type { Darkroom } from "../src/link/picture/darkroom";
import type { ChoiceTrouble, Developed } from "../src/link/picture/developing";
import type { Leg, LegEvents } from "../src/link/media/leg";
import type { Locks, Store } from "../src/link/server/memory";
import { createLive, createVitals } from "../src/link/live/live";
import { shooting } from "../src/link/picture/shooting";
import type { Wire } from "../src/link/server/socket";
import type { World } from "../src/link/world";
import type { Beat, FromPage, ToPage } from "../src/wire/generated";

// Real time passes while it loads, and tests make their own.
await shooting();

export const SESSION = "c2Vzc2lvbi1pZC0wMDAwMQ";
export const PAGE = "cGFnZS1pZC0wMDAwMDAwMQ";

/** A WebSocket whose other end is the test. */
export class FakeWire implements Wire {
	readyState: Wire["readyState"] = 0;
	onopen: Wire["onopen"] = null;
	onmessage: Wire["onmessage"] = null;
	onclose: Wire["onclose"] = null;
	readonly said: FromPage[] = [];
	closed: number | undefined | null = null;

	send(text: string): void {
		this.said.push(JSON.parse(text));
	}

	close(code?: number): void {
		this.closed ??= code;
		this.readyState = 3;
	}

	open(): void {
		this.readyState = 1;
		this.onopen?.call(this as unknown as WebSocket, {} as Event);
	}

	hear(message: ToPage | string): void {
		const data = typeof message === "string" ? message : JSON.stringify(message);
		this.onmessage?.call(this as unknown as WebSocket, { data } as MessageEvent);
	}

	/** The server or the network closes. */
	end(code = 1006): void {
		this.readyState = 3;
		this.onclose?.call(this as unknown as WebSocket, { code } as CloseEvent);
	}

	/** Opens and answers `attach`. */
	attach(more: Partial<Extract<ToPage, { topic: "session"; type: "attached" }>> = {}): void {
		this.open();
		this.hear(attached(more));
	}

	types(): string[] {
		return this.said.map((message) => message.type);
	}

	last(type: string): FromPage | undefined {
		return this.said.findLast((message) => message.type === type);
	}
}

export function attached(more: Partial<Extract<ToPage, { topic: "session"; type: "attached" }>> = {}): ToPage {
	return {
		session: SESSION,
		topic: "session",
		type: "attached",
		seat: "customer",
		head: 0,
		now_ms: 1_000,
		holds_seat: false,
		held_elsewhere: false,
		next_n: 1,
		other_here: false,
		...more,
	} as ToPage;
}

/** A leg that connects when the test says so. */
export class FakeLeg {
	sdp: string | null = null;
	attempt: number | null = null;
	relay: string | null = null;
	answered = false;
	connected_at: number | null = null;
	beat_at: number | null = null;
	closed = false;
	decoded = 0;
	carried: { audio: unknown; video: unknown } = { audio: null, video: null };
	readonly pc = { connectionState: "new", getStats: async () => new Map() };
	readonly audioTrack = { kind: "audio" };
	readonly videoTrack = { kind: "video" };
	/** What was sent on `live`. */
	readonly said: string[] = [];
	readonly live = { readyState: "open", bufferedAmount: 0, send: (text: string) => void this.said.push(text) };
	readonly sure = { readyState: "open", send: () => undefined };

	readonly hears: LegEvents;
	/** It was made for a link that is known to be thin. */
	readonly thin: boolean;

	constructor(hears: LegEvents, thin = false) {
		this.hears = hears;
		this.thin = thin;
	}

	get heard_at(): number {
		return Math.max(this.beat_at ?? 0, this.connected_at ?? 0);
	}
	came_at = Number.NEGATIVE_INFINITY;
	get lived_at(): number {
		return Math.max(this.heard_at, this.came_at);
	}
	get connected(): boolean {
		return this.pc.connectionState === "connected";
	}
	async offer(): Promise<void> {
		this.sdp = "offer";
	}
	async answer(): Promise<void> {
		this.answered = true;
	}
	async carry(tracks: { audio: unknown; video: unknown }): Promise<void> {
		this.carried = tracks;
	}
	async frames(): Promise<number> {
		return this.decoded;
	}
	close(): void {
		this.closed = true;
		this.pc.connectionState = "closed";
	}
	becomes(state: string): void {
		this.pc.connectionState = state;
		this.hears.changed(this as unknown as Leg);
	}
	beat(more: Partial<Beat> = {}): void {
		this.hears.beat(this as unknown as Leg, { beat: 1, speaks: true, other_here: true, ...more });
	}
}

export class FakeStream {
	tracks: unknown[] = [];
	getTracks(): unknown[] {
		return [...this.tracks];
	}
	addTrack(track: unknown): void {
		if (!this.tracks.includes(track)) this.tracks.push(track);
	}
	removeTrack(track: unknown): void {
		this.tracks = this.tracks.filter((one) => one !== track);
	}
}

export class FakeStore implements Store {
	readonly kept = new Map<string, string>();
	getItem(key: string): string | null {
		return this.kept.get(key) ?? null;
	}
	setItem(key: string, value: string): void {
		this.kept.set(key, value);
	}
	removeItem(key: string): void {
		this.kept.delete(key);
	}
}

/** Locks of all pages of a browser. */
export class FakeLocks {
	readonly #held = new Set<string>();

	readonly request = ((name: string, options: { signal: AbortSignal }, held: () => Promise<void>) => {
		if (!this.#held.has(name)) {
			this.#held.add(name);
			return held().then(() => this.#held.delete(name));
		}
		return new Promise((_, reject) => options.signal.addEventListener("abort", () => reject(new Error("aborted"))));
	}) as unknown as Locks["request"];
}

const photos = new WeakMap<Blob, { of: string; width: number; height: number }>();

/** A stand-in for a JPEG. */
export function photo(of: string, width = 1920, height = 1080): Blob {
	const blob = new Blob([of], { type: "image/jpeg" });
	photos.set(blob, { of, width, height });
	return blob;
}

/** What is on it, without the turns of the event loop that reading a blob takes. */
export function seen(blob: Blob): { of: string; width: number; height: number } {
	const found = photos.get(blob);
	if (found === undefined) throw new Error("no picture");
	return found;
}

/** Makes pictures of nothing, as long as the test lets it. */
export class FakeDarkroom implements Darkroom {
	/** What an element or a camera shows; null for no frame. */
	shows: { width: number; height: number; of: string } | null = { width: 1920, height: 1080, of: "scene" };
	diary: string[] = [];
	decoding: (() => Promise<void>) | null = null;
	sheets: Sheet[] = [];
	lying = false;

	freeze(): Frame | null {
		this.diary.push("freeze");
		return this.#frame();
	}
	async grab(): Promise<Frame | null> {
		this.diary.push("grab");
		return this.#frame();
	}
	async jpeg(frame: Frame, quality: number): Promise<Blob | null> {
		this.diary.push(`jpeg ${quality}`);
		const { of } = frame.image as unknown as { of: string };
		return photo(of, frame.width, frame.height);
	}
	async decode(blob: Blob): Promise<Decoded> {
		this.diary.push("decode");
		await this.decoding?.();
		const { width, height, of } = seen(blob);
		return {
			image: { of } as unknown as CanvasImageSource,
			width,
			height,
			close: () => this.diary.push(`close ${of}`),
		};
	}
	async compose(sheet: Sheet): Promise<Blob | null> {
		this.sheets.push(sheet);
		return this.jpeg({ ...sheet.base, image: { of: "sheet" } as unknown as CanvasImageSource }, 0.9);
	}
	async lies(again = false): Promise<boolean> {
		if (again) this.diary.push("look again");
		return this.lying;
	}
	async develop(file: Blob): Promise<Developed | ChoiceTrouble> {
		if (file.size === 0) return "unreadable";
		return { frame: { image: null as unknown as CanvasImageSource, width: 4, height: 3 }, body: photo("chosen", 4, 3) };
	}
	prepare(): void {
		// Nothing to warm up.
	}

	#frame(): Frame | null {
		return this.shows === null ? null : { ...this.shows, image: { of: this.shows.of } as unknown as CanvasImageSource };
	}
}

export interface FakeWorld extends World {
	wires: FakeWire[];
	legs: FakeLeg[];
	darkroom: FakeDarkroom;
	fire: { visible(): void; online(): void; leaves(): void };
	background: boolean;
	reloads: number;
	seated: boolean;
}

export function fakeWorld(store: Store | null = new FakeStore(), locks: Locks | null = null): FakeWorld {
	const world: FakeWorld = {
		wires: [],
		legs: [],
		fire: { visible: () => undefined, online: () => undefined, leaves: () => undefined },
		background: false,
		reloads: 0,
		seated: true,
		clock: () => performance.now(),
		epoch_ms: Date.now() - performance.now(),
		random: () => 0.5,
		connect() {
			const wire = new FakeWire();
			world.wires.push(wire);
			return wire;
		},
		makeLeg(hears, thin) {
			const leg = new FakeLeg(hears, thin);
			world.legs.push(leg);
			return leg as unknown as Leg;
		},
		store,
		locks,
		hidden: () => world.background,
		handheld: () => true,
		listen(hears) {
			world.fire = hears;
			return () => undefined;
		},
		granted: async () => true,
		seatState: async () => (world.seated ? "held" : "gone"),
		utcOffset: () => null,
		darkroom: new FakeDarkroom(),
		loadLive: async () => ({ createLive, createVitals }),
		put: async () => 200,
		fetchPicture: () => Promise.reject(new Error("offline")),
		log: async () => ({ ok: false, error: { error: "network" } }),
		reloadOnce() {
			world.reloads += 1;
			return world.reloads === 1;
		},
		versionFits: () => undefined,
	};
	return world;
}
