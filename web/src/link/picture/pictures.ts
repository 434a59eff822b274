// This page's cache of kept pictures: bytes by short-lived links, and the latest bases decoded.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Object as PictureObject, PageSays, Refusal } from "../../wire/generated";
import type { Decoded } from "./capture";
import { MOMENTARY } from "../server/refusals";
import { Requests } from "../server/requests";

export interface PicturesOptions {
	say(says: PageSays): boolean;
	/** Fetches the bytes behind a link; rejects on failure. */
	fetch(url: string, signal: AbortSignal): Promise<Blob>;
	decode(blob: Blob): Promise<Decoded>;
	/** The open board, whose base stays decoded. */
	onBoard(): number | null;
}

/** How far a base is on this page. */
export type BaseState = { state: "loading" } | { state: "ready"; decoded: Decoded } | { state: "unloadable" };

export class Pictures {
	readonly #options: PicturesOptions;
	readonly #links: Requests<string | Refusal>;
	/** Oldest use first. */
	readonly #blobs = new Map<string, Blob>();
	readonly #loading = new Map<string, Promise<Blob>>();
	readonly #bases = signal<ReadonlyMap<number, BaseState>>(new Map());
	/** Bases, oldest use first. */
	#uses: number[] = [];
	/** Only the newest loading of a base counts. */
	readonly #turns = new Map<number, number>();
	/** Deleted pictures: bytes of them that still arrive are not kept. */
	readonly #gone = new Set<string>();
	readonly #over = new AbortController();

	constructor(options: PicturesOptions) {
		this.#options = options;
		this.#links = new Requests((says) => options.say(says));
	}

	get bases(): ReadonlySignal<ReadonlyMap<number, BaseState>> {
		return this.#bases;
	}

	/** Loads and decodes a base, unless that is done or under way. */
	loadBase(picture: number): void {
		if (this.#over.signal.aborted) return;
		const base = this.#bases.peek().get(picture);
		if (base === undefined) void this.#decode(picture, this.load({ of: "base", picture }));
		else this.#markUsed(picture);
	}

	/** Tries again after loading failed. */
	reloadBase(picture: number): void {
		if (this.#bases.peek().get(picture)?.state === "unloadable") this.#setBase(picture, null);
		this.loadBase(picture);
	}

	/** Returns the decoded base; rejects on failure. */
	async base(picture: number): Promise<Decoded> {
		const base = this.#bases.peek().get(picture);
		if (base?.state === "ready") return base.decoded;
		return this.#options.decode(await this.load({ of: "base", picture }));
	}

	/** Caches bytes that this page made, so that they need not be fetched. */
	adopt(object: PictureObject, blob: Blob): void {
		if (this.#over.signal.aborted) return;
		this.#keep(nameOf(object), blob);
		if (object.of === "base" && this.#bases.peek().get(object.picture)?.state !== "ready") {
			void this.#decode(object.picture, Promise.resolve(blob));
		}
	}

	/** It was deleted. */
	forget(picture: number): void {
		const name = nameOf({ of: "base", picture });
		this.#gone.add(name);
		this.#blobs.delete(name);
		this.#turns.set(picture, (this.#turns.get(picture) ?? 0) + 1);
		if (this.#bases.peek().has(picture)) this.#setBase(picture, null);
	}

	load(object: PictureObject): Promise<Blob> {
		const name = nameOf(object);
		const kept = this.#blobs.get(name);
		if (kept !== undefined) {
			this.#keep(name, kept);
			return Promise.resolve(kept);
		}
		const running = this.#loading.get(name);
		if (running !== undefined) return running;
		const loading = this.#fetch(object).then(
			(blob) => {
				this.#loading.delete(name);
				this.#keep(name, blob);
				return blob;
			},
			(error: unknown) => {
				this.#loading.delete(name);
				throw error;
			},
		);
		this.#loading.set(name, loading);
		return loading;
	}

	/** The bytes, if this page has them. Requests nothing, and works after the end. */
	held(object: PictureObject): Blob | null {
		return this.#blobs.get(nameOf(object)) ?? null;
	}

	linkAnswered(object: PictureObject, answer: string | Refusal): void {
		this.#links.answered(object, answer);
	}

	attached(): void {
		this.#links.attached();
	}

	/** `keeps`: the page goes on showing the bytes that it has. */
	stop(keeps: boolean): void {
		this.#over.abort();
		this.#links.stop();
		const bases = this.#bases.peek();
		this.#bases.value = new Map();
		// The page may be painting one of them.
		setTimeout(() => {
			for (const base of bases.values()) if (base.state === "ready") base.decoded.close();
		}, CLOSE_MS);
		if (!keeps) this.#blobs.clear();
		this.#loading.clear();
		this.#uses = [];
	}

	async #fetch(object: PictureObject): Promise<Blob> {
		for (let tries = 0; ; tries += 1) {
			const link = await this.#links.request(object, { topic: "screenshots", type: "view", object });
			if (link !== null && typeof link !== "string" && !MOMENTARY.has(link.why)) throw new Error(link.why);
			if (typeof link === "string") {
				const blob = await this.#download(link);
				if (blob !== null) return blob;
			}
			const wait = WAITS_MS[tries];
			if (wait === undefined || this.#over.signal.aborted) throw new Error("picture could not be loaded");
			await new Promise((resolve) => setTimeout(resolve, wait));
		}
	}

	async #download(link: string): Promise<Blob | null> {
		const limit = new AbortController();
		const abort = (): void => limit.abort();
		const timer = setTimeout(abort, FETCH_MS);
		this.#over.signal.addEventListener("abort", abort);
		try {
			return await this.#options.fetch(link, limit.signal);
		} catch {
			return null;
		} finally {
			clearTimeout(timer);
			this.#over.signal.removeEventListener("abort", abort);
		}
	}

	async #decode(picture: number, bytes: Promise<Blob>): Promise<void> {
		const turn = (this.#turns.get(picture) ?? 0) + 1;
		this.#turns.set(picture, turn);
		this.#setBase(picture, { state: "loading" });
		let base: BaseState;
		try {
			base = { state: "ready", decoded: await this.#options.decode(await bytes) };
		} catch {
			base = { state: "unloadable" };
			// These bytes cannot be decoded.
			this.#blobs.delete(nameOf({ of: "base", picture }));
		}
		if (this.#turns.get(picture) === turn && !this.#over.signal.aborted) this.#setBase(picture, base);
		else if (base.state === "ready") base.decoded.close();
	}

	#setBase(picture: number, base: BaseState | null): void {
		const bases = new Map(this.#bases.peek());
		const old = bases.get(picture);
		if (base === null) bases.delete(picture);
		else bases.set(picture, base);
		this.#markUsed(picture);
		if (old !== base) {
			if (old?.state === "ready") old.decoded.close();
			this.#releaseOldest(bases);
			this.#bases.value = bases;
		}
	}

	#markUsed(picture: number): void {
		this.#uses = [...this.#uses.filter((one) => one !== picture), picture];
	}

	/** Closes the bases that were used longest ago when there are too many. */
	#releaseOldest(bases: Map<number, BaseState>): void {
		let count = 0;
		let pixels = 0;
		for (const picture of [...this.#uses].reverse()) {
			const base = bases.get(picture);
			if (base?.state !== "ready") continue;
			count += 1;
			pixels += base.decoded.width * base.decoded.height;
			if (count === 1 || picture === this.#options.onBoard()) continue;
			if (count <= BASES_MAX && pixels <= PIXELS_MAX) continue;
			base.decoded.close();
			bases.delete(picture);
		}
	}

	#keep(name: string, blob: Blob): void {
		if (this.#gone.has(name) || this.#over.signal.aborted) return;
		this.#blobs.delete(name);
		this.#blobs.set(name, blob);
		let bytes = 0;
		for (const one of this.#blobs.values()) bytes += one.size;
		for (const [oldest, one] of this.#blobs) {
			if (bytes <= BLOB_BYTES_MAX || oldest === name) return;
			this.#blobs.delete(oldest);
			bytes -= one.size;
		}
	}
}

/**
 * Fetches the bytes behind a signed link. The link is the permission: no cookie or referrer goes
 * along.
 */
export async function fetchOverHttp(url: string, cancel: AbortSignal): Promise<Blob> {
	const answer = await fetch(url, {
		credentials: "omit",
		mode: "cors",
		referrerPolicy: "no-referrer",
		signal: cancel,
	});
	if (!answer.ok) throw new Error(`status ${answer.status}`);
	return answer.blob();
}

function nameOf(object: PictureObject): string {
	return object.of === "base" ? `${object.picture}` : `${object.picture}-${object.through}`;
}

const WAITS_MS = [500, 1_000, 2_000];
const FETCH_MS = 30_000;
const CLOSE_MS = 1_000;
const BASES_MAX = 6;
/** Four bytes each: as much as a phone can spare. */
const PIXELS_MAX = 24_000_000;
const BLOB_BYTES_MAX = 30 * 1024 * 1024;
