// Small values a page remembers. Without storage only convenience is lost.

/** For this tab. */
export const tab = keeper(() => sessionStorage);

/** For this browser. */
export const browser = keeper(() => localStorage);

function keeper(storage: () => Storage) {
	return {
		recall: (key: string): string | null => tried(() => storage().getItem(key)) ?? null,
		remember: (key: string, value: string): void => tried(() => storage().setItem(key, value)),
		forget: (key: string): void => tried(() => storage().removeItem(key)),
	};
}

/**
 * Whether this browser keeps cookies of the page. Chromium with cookies blocked in its settings
 * says that they are enabled, and forbids storage.
 */
export function keepsCookies(): boolean {
	return navigator.cookieEnabled && tried(() => sessionStorage) !== undefined;
}

function tried<T>(use: () => T): T | undefined {
	try {
		return use();
	} catch {
		// Storage is full or forbidden.
		return undefined;
	}
}
