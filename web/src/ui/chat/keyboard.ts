// Publishes the area above the phone's keyboard as custom properties. iOS shrinks only the visual
// viewport when the keyboard opens, so elements fixed to the bottom would be hidden.

export function followKeyboard(element: HTMLElement): () => void {
	const viewport = window.visualViewport;
	if (viewport === null) return () => undefined;
	const follow = (): void => {
		element.style.setProperty("--free-top", `${viewport.offsetTop}px`);
		element.style.setProperty("--free-height", `${viewport.height}px`);
	};
	// A keyboard that is open already. The frame lays the page out anyway.
	const frame = requestAnimationFrame(() => {
		if (viewport.offsetTop !== 0 || viewport.height !== document.documentElement.clientHeight) follow();
	});
	viewport.addEventListener("resize", follow);
	viewport.addEventListener("scroll", follow);
	return () => {
		cancelAnimationFrame(frame);
		viewport.removeEventListener("resize", follow);
		viewport.removeEventListener("scroll", follow);
	};
}
