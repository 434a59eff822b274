// Small things a page remembers. A browser that forbids storage costs convenience, nothing else.

/** For this tab. */
export const tab = { recall: (key: string) => read(() => sessionStorage, key), remember: (key: string, value: string) => write(() => sessionStorage, key, value) };

/** For this browser. */
export const browser = { recall: (key: string) => read(() => localStorage, key), remember: (key: string, value: string) => write(() => localStorage, key, value) };

function read(storage: () => Storage, key: string): string | null {
	try {
		return storage().getItem(key);
	} catch {
		return null;
	}
}

function write(storage: () => Storage, key: string, value: string): void {
	try {
		storage().setItem(key, value);
	} catch {
		// Full or forbidden.
	}
}
