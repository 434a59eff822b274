// Applies the scheme that this browser remembers. It is a script of its own, which the page waits
// for before it paints: the content policy allows none inside the page. It imports nothing.

try {
	const chosen = localStorage.getItem("scheme");
	if (chosen === "light" || chosen === "dark") document.documentElement.dataset.scheme = chosen;
} catch {
	// Storage is forbidden: the system's scheme holds.
}

export {};
