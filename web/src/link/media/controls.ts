// The light beside a camera and its zoom, where its track has them.
//
// Chromium knows what a camera can some time after it started (w3c/mediacapture-image, issue 169),
// so ask again later. The DOM types lack the names.

import { ZOOM_MAX } from "../../wire/generated";

/** What a camera has; absent where it has not. */
export interface CameraControls {
	/** The light is on. */
	torch?: boolean;
	/** How far it zooms, in per mille of what it can. */
	zoom?: number;
}

interface Range {
	min: number;
	max: number;
	step?: number;
}

/** In some browsers `torch` lists the values that it takes. */
interface Abilities {
	torch?: boolean | readonly boolean[];
	zoom?: Range;
}

interface Setting {
	torch?: boolean;
	zoom?: number;
}

type Track = Pick<MediaStreamTrack, "getSettings" | "applyConstraints"> &
	Partial<Pick<MediaStreamTrack, "getCapabilities">>;

export function controlsOf(track: Track): CameraControls {
	const { torch, zoom } = abilitiesOf(track);
	const set = settingsOf(track);
	return {
		...(hasTorch(torch) && { torch: set.torch ?? false }),
		...(zoom !== undefined && zoom.max > zoom.min && { zoom: shareOf(set.zoom ?? zoom.min, zoom) }),
	};
}

/** Returns whether the light is as wanted. */
export async function setTorch(track: Track, on: boolean): Promise<boolean> {
	if (controlsOf(track).torch === undefined) return false;
	return inTurn(track, { torch: on });
}

/** Returns whether the camera zooms as wanted. */
export async function setZoom(track: Track, per_mille: number): Promise<boolean> {
	const { zoom } = abilitiesOf(track);
	if (zoom === undefined || zoom.max <= zoom.min) return false;
	return inTurn(track, { zoom: zoomAt(per_mille, zoom) });
}

/**
 * One setting after the other, since each keeps what the one before has set. Wishes that wait are
 * one: a hand that zooms is quicker than many a camera.
 */
function inTurn(track: Track, wish: Setting): Promise<boolean> {
	const waits = waiting.get(track);
	if (waits !== undefined) {
		Object.assign(waits.wish, wish);
		return waits.done;
	}
	const all = { ...wish };
	const done = (settling.get(track) ?? Promise.resolve()).then(() => {
		waiting.delete(track);
		return apply(track, all);
	});
	waiting.set(track, { wish: all, done });
	settling.set(track, done);
	return done;
}

/** Constraints replace the earlier ones, so both go together. */
async function apply(track: Track, wish: Setting): Promise<boolean> {
	try {
		const { torch } = controlsOf(track);
		const { zoom } = settingsOf(track);
		const set = { ...(torch !== undefined && { torch }), ...(zoom !== undefined && { zoom }), ...wish };
		await track.applyConstraints({ advanced: [set as MediaTrackConstraintSet] });
		applied.set(track, { ...applied.get(track), ...set });
		return true;
	} catch {
		return false;
	}
}

function abilitiesOf(track: Track): Abilities {
	return (track.getCapabilities?.() ?? {}) as Abilities;
}

function settingsOf(track: Track): Setting {
	return { ...applied.get(track), ...(track.getSettings() as Setting) };
}

/** What was applied, for browsers that do not tell. */
const applied = new WeakMap<Track, Setting>();

/** Ends when the last setting has. */
const settling = new WeakMap<Track, Promise<unknown>>();
/** What the setting under way keeps waiting. */
const waiting = new WeakMap<Track, { wish: Setting; done: Promise<boolean> }>();

function hasTorch(torch: Abilities["torch"]): boolean {
	return typeof torch === "object" ? torch.includes(true) : torch === true;
}

function shareOf(value: number, { min, max }: Range): number {
	const share = Math.round(((value - min) / (max - min)) * ZOOM_MAX);
	return Math.min(ZOOM_MAX, Math.max(0, share));
}

function zoomAt(per_mille: number, { min, max, step = 0 }: Range): number {
	const value = min + ((max - min) * per_mille) / ZOOM_MAX;
	if (step <= 0) return value;
	return Math.min(max, min + Math.round((value - min) / step) * step);
}
