// Leaves nothing of a call in the tab.

/** Forgets what this tab remembers of one session, or all. */
export function forgetTab(session = ""): void {
	try {
		const keys = Object.keys(sessionStorage).filter((key) => session === "" || key.endsWith(`.${session}`));
		for (const key of keys) sessionStorage.removeItem(key);
	} catch {
		// Storage is forbidden, so nothing is in it.
	}
}
