// A page in a running call, with a server and another person played by the test.

import { vi } from "vitest";
import type { Call } from "../src/link/call";
import { createDevices } from "../src/link/media/devices";
import { openCall } from "../src/link/open";
import { opposite } from "../src/wire/seats";
import type { FromPage, Passing, Refusal, Seat, ToPage, EventKind } from "../src/wire/generated";
import { FakeStream, type FakeLeg, type FakeWire, type FakeWorld, fakeWorld, photo, SESSION } from "./fakes";

export const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

export function useFakeBrowser(): void {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "Date"] });
	vi.stubGlobal("MediaStream", FakeStream);
}

export function leaveFakeBrowser(): void {
	vi.unstubAllGlobals();
	vi.useRealTimers();
}

class Camera extends FakeStream {
	constructor(kind: string) {
		super();
		this.tracks = [
			Object.assign(new EventTarget(), { kind, readyState: "live", enabled: true, stop: () => undefined }),
		];
	}
	getVideoTracks = (): unknown[] => this.tracks.filter((one) => (one as { kind: string }).kind === "video");
	getAudioTracks = (): unknown[] => this.tracks.filter((one) => (one as { kind: string }).kind === "audio");
}

type Says<Type extends FromPage["type"]> = Extract<FromPage, { type: Type }>;

export class Scene {
	readonly call: Call;
	readonly world: FakeWorld;
	readonly seat: Seat;
	readonly other: Seat;
	seq = 0;
	/** The relay beats, and the server answers pings. */
	lives = true;
	#pings = 0;
	/** How far the device's clock was set; the server's goes on. */
	#set_ms = 0;

	private constructor(seat: Seat, world: FakeWorld) {
		this.seat = seat;
		this.other = opposite(seat);
		this.world = world;
		const media = {
			getUserMedia: async ({ audio }: MediaStreamConstraints = {}) =>
				new Camera(audio === undefined ? "video" : "audio") as unknown as MediaStream,
			enumerateDevices: async () => [],
		};
		this.call = openCall({ session: SESSION, seat, devices: createDevices({ seat, media, meter: () => null }), world });
		setInterval(() => this.#live(), 400);
	}

	/** Both are in the call, and the customer's camera is on. */
	static async open(seat: Seat, world: FakeWorld = fakeWorld(), more: { live?: boolean } = {}): Promise<Scene> {
		const scene = new Scene(seat, world);
		await tick();
		scene.wire.attach({ holds_seat: true, head: 3, other_here: true, now_ms: Date.now() });
		scene.happens(
			{ type: "joined", seat: "agent", name: "Ada", video_only: false },
			{ type: "joined", seat: "customer", name: "Bob", video_only: false },
			{ type: "media_changed", seat: "customer", microphone: true, camera: true },
		);
		if (seat === "customer") await scene.call.devices.startCamera();
		if (more.live !== false) await scene.connect();
		return scene;
	}

	/** Reloads the tab. */
	async reload(log: readonly EventKind[] = [], at_ms = Date.now()): Promise<Scene> {
		this.call.close();
		const scene = new Scene(this.seat, fakeWorld(this.world.store));
		await tick();
		scene.wire.attach({ holds_seat: true, head: log.length, other_here: true, now_ms: Date.now() });
		scene.happensAt(at_ms, ...log);
		return scene;
	}

	get shared(): Call["shared"] {
		return this.call.shared;
	}

	get wire(): FakeWire {
		const found = this.world.wires.at(-1);
		if (found === undefined) throw new Error("no wire");
		return found;
	}

	get leg(): FakeLeg {
		const found = this.world.legs.at(-1);
		if (found === undefined) throw new Error("no leg");
		return found;
	}

	/** What was sent on `live`, but for what the page tells of itself. */
	get passed(): Passing[] {
		return this.leg.said.map((text) => JSON.parse(text)).filter(({ type }) => type !== "state");
	}

	async connect(): Promise<void> {
		const { attempt } = this.said("offer").at(-1) ?? { attempt: 0 };
		this.hear({ topic: "signaling", type: "answer", attempt, sdp: "x", relay: "one" });
		await tick();
		this.leg.becomes("connected");
		this.leg.beat();
	}

	hear(message: Record<string, unknown>): void {
		this.wire.hear({ session: SESSION, ...message } as ToPage);
	}

	/** The server's time. */
	get now_ms(): number {
		return Date.now() - this.#set_ms;
	}

	/** Somebody sets the clock of the device. */
	setDeviceClock(by_ms: number): void {
		this.#set_ms += by_ms;
		vi.setSystemTime(Date.now() + by_ms);
	}

	/** Events come; returns the number of the last. */
	happens(...all: EventKind[]): number {
		return this.happensAt(this.now_ms, ...all);
	}

	happensAt(at_ms: number, ...all: EventKind[]): number {
		const events = all.map((what, at) => ({ seq: this.seq + 1 + at, at_ms, ...what }));
		this.seq += events.length;
		this.hear({ topic: "session", type: "events", events, head: this.seq, more: false });
		return this.seq;
	}

	said<Type extends FromPage["type"]>(type: Type): Says<Type>[] {
		return this.wire.said.filter((one): one is Says<Type> => one.type === type);
	}

	last<Type extends FromPage["type"]>(type: Type): Says<Type> {
		const found = this.said(type).at(-1);
		if (found === undefined) throw new Error(`${type} was not said`);
		return found;
	}

	/** The server answers the newest command of a kind. */
	async done(type: FromPage["type"], refused?: Refusal): Promise<void> {
		const said = this.last(type);
		if (!("n" in said)) throw new Error(`${type} has no number`);
		this.hear({
			topic: "session",
			type: "done",
			n: said.n,
			head: this.seq,
			...(refused === undefined ? {} : { refused }),
		});
		await tick();
	}

	/** The server answers the newest request for a slot. */
	async slot(): Promise<void> {
		const { upload } = this.last("slot");
		this.hear({ topic: "screenshots", type: "slot", upload, url: "/put", headers: [["content-type", "image/jpeg"]] });
		await tick();
	}

	/** One of the two presses the shutter; returns the picture. */
	async shutter(seat: Seat = this.other): Promise<number> {
		const picture = this.happens({ type: "capture_asked", seat });
		await tick();
		return picture;
	}

	/** A board with a base, seen by this page. */
	async board(): Promise<number> {
		this.world.fetchPicture = async () => photo("scene");
		const picture = await this.shutter();
		this.happens(kept(picture));
		this.hear({ topic: "screenshots", type: "link", object: { of: "base", picture }, url: "/get", expires_at_ms: 1 });
		await tick();
		return picture;
	}

	/** Sends the picture that is open. */
	sends(): ReturnType<Call["shared"]["send"]> {
		return this.shared.send(this.shared.board.peek()?.picture.id ?? 0);
	}

	#live(): void {
		if (!this.lives || this.call.stop.value !== null) return;
		const leg = this.world.legs.at(-1);
		if (leg?.connected) leg.beat();
		const pings =
			this.world.wires
				.at(-1)
				?.types()
				.filter((type) => type === "ping").length ?? 0;
		if (pings > 0 && pings !== this.#pings)
			this.hear({ topic: "session", type: "pong", head: this.seq, now_ms: this.now_ms });
		this.#pings = pings;
	}

	hearPassing(passing: Passing): void {
		this.leg.hears.text(JSON.stringify(passing));
	}
}

export function kept(picture: number, low_resolution = false): EventKind {
	return { type: "picture_kept", picture, width: 1920, height: 1080, low_resolution };
}

/** An element that shows something. */
export function element(srcObject: MediaStream | null = null): HTMLVideoElement {
	return Object.assign(new EventTarget(), { srcObject }) as unknown as HTMLVideoElement;
}
