// A phone, or a computer: its cameras and microphones, its answers, and how they come and go.

import type { BrowserMedia } from "../src/link/media/constraints";

export interface FakeTrack extends EventTarget {
	kind: string;
	readyState: string;
	muted: boolean;
	stop(): void;
	getSettings(): MediaTrackSettings;
}

export interface Camera {
	deviceId: string;
	facingMode?: string;
	label?: string;
}

/** Its devices, its answers, and a diary of the requests in their order. */
export class Phone extends EventTarget implements BrowserMedia {
	diary: string[] = [];
	cameras: Camera[] = [
		{ deviceId: "back", facingMode: "environment" },
		{ deviceId: "front", facingMode: "user" },
	];
	/** Null: one that the browser does not name. */
	microphones: string[] | null = null;
	/** Returns the error of a request, or undefined. */
	refuses: (constraints: MediaStreamConstraints) => string | undefined = () => undefined;
	/** Some phones do not know `exact`, some answer `ideal` with any camera. */
	knowsFacing = true;
	/** Only one camera at a time. */
	inUse = 0;
	answers: () => Promise<void> = async () => undefined;
	tracks: FakeTrack[] = [];
	/** When the page stopped a camera last. */
	stopped_at = Number.NEGATIVE_INFINITY;

	async getUserMedia(constraints: MediaStreamConstraints = {}): Promise<MediaStream> {
		this.diary.push(words(constraints));
		await this.answers();
		const error = this.refuses(constraints);
		if (error !== undefined) throw new DOMException("no", error);
		if (constraints.audio !== undefined) return this.sound(constraints.audio);
		const camera = this.pick(constraints.video);
		if (camera === undefined) throw new DOMException("none", "OverconstrainedError");
		if (this.inUse > 0) throw new DOMException("in use", "NotReadableError");
		this.inUse += 1;
		return this.stream("video", camera);
	}

	async enumerateDevices(): Promise<MediaDeviceInfo[]> {
		return [
			...this.cameras.map(({ deviceId, label = "" }) => ({ deviceId, label, kind: "videoinput" })),
			...(this.microphones ?? []).map((deviceId) => ({ deviceId, label: deviceId, kind: "audioinput" })),
		] as MediaDeviceInfo[];
	}

	sound(audio: MediaStreamConstraints["audio"]): MediaStream {
		if (this.microphones === null) return this.stream("audio", {});
		const exact = typeof audio === "object" ? (audio.deviceId as { exact?: string })?.exact : undefined;
		const deviceId = this.microphones.find((one) => exact === undefined || one === exact);
		if (deviceId === undefined) throw new DOMException("none", "OverconstrainedError");
		return this.stream("audio", { deviceId });
	}

	pick(video: MediaStreamConstraints["video"]) {
		if (typeof video !== "object") return this.cameras[0];
		const exact = (video.deviceId as { exact?: string })?.exact;
		if (exact !== undefined) return this.cameras.find((one) => one.deviceId === exact);
		const facing = video.facingMode as { exact?: string; ideal?: string };
		if (facing?.exact !== undefined) {
			return this.knowsFacing ? this.cameras.find((one) => one.facingMode === facing.exact) : undefined;
		}
		return (this.knowsFacing && this.cameras.find((one) => one.facingMode === facing?.ideal)) || this.cameras[0];
	}

	/** Takes a device away. What the page hears of it comes in this order. */
	unplug(deviceId: string, signs: readonly ("ended" | "devicechange")[]): void {
		this.cameras = this.cameras.filter((one) => one.deviceId !== deviceId);
		this.microphones = this.microphones?.filter((one) => one !== deviceId) ?? null;
		const lost = this.tracks.filter((one) => one.getSettings().deviceId === deviceId && one.readyState === "live");
		for (const sign of signs) {
			if (sign === "devicechange") this.dispatchEvent(new Event("devicechange"));
			else for (const track of lost) this.ends(track);
		}
	}

	/** The system ends a track. */
	ends(track: FakeTrack): void {
		if (track.readyState === "ended") return;
		if (track.kind === "video") this.inUse -= 1;
		track.readyState = "ended";
		track.dispatchEvent(new Event("ended"));
	}

	live(kind: string): FakeTrack[] {
		return this.tracks.filter((one) => one.kind === kind && one.readyState === "live");
	}

	stream(kind: string, camera: { deviceId?: string; facingMode?: string }): MediaStream {
		const phone = this;
		const known = this.knowsFacing;
		const track = Object.assign(new EventTarget(), {
			kind,
			readyState: "live",
			muted: false,
			getSettings: () => (known ? camera : { deviceId: camera.deviceId }) as MediaTrackSettings,
			stop() {
				if (track.readyState === "ended") return;
				if (kind === "video") phone.inUse -= 1;
				track.readyState = "ended";
				phone.stopped_at = performance.now();
				phone.diary.push(`stop ${camera.deviceId ?? kind}`);
			},
		});
		this.tracks.push(track);
		const tracks = [track];
		const of = (wanted: string) => () => tracks.filter((one) => one.kind === wanted);
		return {
			getTracks: () => tracks,
			getVideoTracks: of("video"),
			getAudioTracks: of("audio"),
		} as unknown as MediaStream;
	}
}

function words({ audio, video }: MediaStreamConstraints): string {
	if (audio !== undefined) return "microphone";
	if (typeof video !== "object") return "any camera";
	if (video.deviceId !== undefined) return `device ${(video.deviceId as { exact: string }).exact}`;
	const [how, which] = Object.entries(video.facingMode as object)[0] ?? [];
	return `${how} ${which}`;
}

export class Page extends EventTarget {
	visibilityState: DocumentVisibilityState = "visible";
	comesBack(): void {
		this.dispatchEvent(new Event("visibilitychange"));
	}
}
