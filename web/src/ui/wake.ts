// Keeps the screen on while a call runs. A browser drops the lock whenever the page is hidden, so
// it is asked again on return. Where it is unknown or refused (low battery), the call goes on
// without.

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
