// The browser, as far as a call needs it; a test gives another.

import type { Log, PageId, Seat, SessionId, UtcOffset } from "../wire/generated";
import { SUBPROTOCOL } from "../wire/generated";
import { doorProtocols } from "./server/door";
import { type ApiResult, log, me, seat as lookSeat } from "./server/api";
import { type Darkroom, darkroom } from "./picture/darkroom";
import type { Leg, LegEvents } from "./media/leg";
import { onceLoaded } from "./once-loaded";
import type { Locks, Store } from "./server/memory";
import { fetchOverHttp } from "./picture/pictures";
import type { Wire } from "./server/socket";
import { shooting } from "./picture/shooting";
import type { Put } from "./picture/upload";

export interface World {
	/**
	 * Milliseconds of a clock that never goes back, and that does not follow when somebody sets the
	 * device's clock.
	 */
	clock(): number;
	/** The device's time when that clock was zero. */
	epoch_ms: number;
	random(): number;
	/** Opens a socket. The server tells by the page who of a shared link holds the seat. */
	connect(page: string): Wire;
	makeLeg?: (hears: LegEvents, thin: boolean) => Leg;
	store: Store | null;
	locks: Locks | null;
	/** The page is in the background. */
	hidden(): boolean;
	/** A phone or a tablet. */
	handheld(): boolean;
	/** Calls back, until the returned function is called. */
	listen(hears: { visible(): void; online(): void; leaves(): void }): () => void;
	/** The browser grants the device without a question. */
	granted(device: "camera" | "microphone"): Promise<boolean>;
	/** Whether the cookie still gives the seat; unknown when the server does not answer. */
	seatState(session: SessionId, seat: Seat): Promise<"held" | "gone" | "unknown">;
	log(session: SessionId, page: PageId, after: number): Promise<ApiResult<Log>>;
	/** Minutes that the page's clock is ahead of UTC; null when the browser does not tell. */
	utcOffset(): UtcOffset | null;
	darkroom: Darkroom;
	/**
	 * Loads the part of the page that draws and looks after the connection; rejects when the
	 * network fails.
	 */
	loadLive(): Promise<Pick<typeof import("./live/live"), "createLive" | "createVitals">>;
	/**
	 * Calls back with a copy of the camera's track if its frames are turned and this browser does
	 * not send such frames. Ends when the returned function is called.
	 */
	upright?: (camera: MediaStreamTrack, upright: (copy: MediaStreamTrack) => void) => () => void;
	/** Uploads a picture into its slot. */
	put: Put;
	/** Fetches the picture behind a signed link; rejects on failure. */
	fetchPicture(url: string, signal: AbortSignal): Promise<Blob>;
	/** Reloads the page, but not twice in a row; false when that was tried before. */
	reloadOnce(): boolean;
	/** The server speaks this page's version. */
	versionFits(): void;
}

export function browser(): World {
	const store = session();
	return {
		clock: () => performance.now(),
		epoch_ms: performance.timeOrigin,
		random: Math.random,
		connect: (page) =>
			new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`, [SUBPROTOCOL, `page.${page}`, ...doorProtocols]),
		store,
		locks: navigator.locks ?? null,
		hidden: () => document.visibilityState === "hidden",
		handheld: () => matchMedia("(pointer: coarse)").matches,
		listen(hears) {
			const shown = (event: PageTransitionEvent): void => {
				if (event.persisted) hears.online();
			};
			document.addEventListener("visibilitychange", hears.visible);
			window.addEventListener("online", hears.online);
			window.addEventListener("pagehide", hears.leaves);
			window.addEventListener("pageshow", shown);
			return () => {
				document.removeEventListener("visibilitychange", hears.visible);
				window.removeEventListener("online", hears.online);
				window.removeEventListener("pagehide", hears.leaves);
				window.removeEventListener("pageshow", shown);
			};
		},
		async granted(device) {
			try {
				// The DOM types lack these names; browsers have them.
				const status = await navigator.permissions.query({ name: device as PermissionName });
				return status.state === "granted";
			} catch {
				return false;
			}
		},
		async seatState(id, seat) {
			const answer = seat === "agent" ? await me() : await lookSeat(id);
			if (answer.ok) return "held";
			return NO_SEAT.has(answer.error.error) ? "gone" : "unknown";
		},
		log,
		utcOffset() {
			const ahead = -new Date().getTimezoneOffset();
			return Number.isInteger(ahead) && Math.abs(ahead) <= UTC_OFFSET_MAX ? ahead : null;
		},
		darkroom: darkroom(),
		// Without it this page does not show what the other one draws.
		loadLive: onceLoaded(() => import("./live/live"), Number.POSITIVE_INFINITY),
		...("MediaStreamTrackProcessor" in globalThis ? { upright } : {}),
		put: async (...sent) => (await shooting()).putOverHttp(...sent),
		fetchPicture: fetchOverHttp,
		reloadOnce() {
			if (store === null || store.getItem(RELOADED) !== null) return false;
			store.setItem(RELOADED, "1");
			location.reload();
			return true;
		},
		versionFits: () => store?.removeItem(RELOADED),
	};
}

function session(): Store | null {
	try {
		return sessionStorage;
	} catch {
		// Cookies and storage are forbidden for this page.
		return null;
	}
}

const NO_SEAT: ReadonlySet<string> = new Set(["not_signed_in", "not_found", "unknown_link"]);
/** No time zone is further from UTC. */
const UTC_OFFSET_MAX = 14 * 60;
const RELOADED = "sightline.reloaded";

const turned = onceLoaded(() => import("./media/turned"), Number.POSITIVE_INFINITY);

function upright(camera: MediaStreamTrack, hears: (copy: MediaStreamTrack) => void): () => void {
	const begun = turned().then(({ keepUpright }) => keepUpright(camera, hears));
	return () => void begun.then((end) => end());
}
