// Keeps the screen on during a call. Browsers release the lock when the page is hidden, so it is
// requested again on return. The call continues if it is unsupported or refused (low battery).

export function keepAwake(): () => void {
	let lock: WakeLockSentinel | null = null;
	let over = false;

	const ask = async (): Promise<void> => {
		if (over || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
		try {
			const got = await navigator.wakeLock.request("screen");
			if (over) void got.release();
			else lock = got;
		} catch {
			lock = null;
		}
	};

	const onReturn = (): void => void ask();
	document.addEventListener("visibilitychange", onReturn);
	void ask();
	return () => {
		over = true;
		document.removeEventListener("visibilitychange", onReturn);
		void lock?.release();
	};
}
