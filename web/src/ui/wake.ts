// Keeps the screen on during a call. Browsers release the lock when the page is hidden, and systems
// take it at any moment (low battery, an overlay): it is requested again as long as the page is
// visible. The call continues if it is unsupported or refused, or if a page around this one does
// not allow it.

export function keepAwake(): () => void {
	let lock: WakeLockSentinel | null = null;
	let again: ReturnType<typeof setTimeout> | undefined;
	let pause_ms = PAUSE_MS;
	let over = false;

	const ask = async (): Promise<void> => {
		clearTimeout(again);
		if (over || document.visibilityState !== "visible" || !("wakeLock" in navigator) || !isAllowed()) return;
		if (lock !== null && !lock.released) return;
		try {
			const got = await navigator.wakeLock.request("screen");
			if (over) return void got.release();
			lock = got;
			got.addEventListener("release", askLater);
		} catch {
			askLater();
		}
	};

	/** Pauses grow: a system that does not want the lock is not asked all the time. */
	function askLater(): void {
		clearTimeout(again);
		again = setTimeout(ask, pause_ms);
		pause_ms = Math.min(pause_ms * 2, PAUSE_MS_MAX);
	}

	const onReturn = (): void => {
		pause_ms = PAUSE_MS;
		void ask();
	};
	document.addEventListener("visibilitychange", onReturn);
	// It takes a browser long: in a task of its own.
	again = setTimeout(ask);
	return () => {
		over = true;
		clearTimeout(again);
		document.removeEventListener("visibilitychange", onReturn);
		void lock?.release();
	};
}

/** Chromium alone tells. It would complain on the console about a request that is not allowed. */
function isAllowed(): boolean {
	const { featurePolicy } = document as Document & { featurePolicy?: { allowsFeature(name: string): boolean } };
	return featurePolicy?.allowsFeature("screen-wake-lock") ?? true;
}

const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 60_000;
