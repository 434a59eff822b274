// The part of the window that the phone's keyboard leaves free, as custom properties: iOS shrinks
// only the visual viewport when the keyboard opens, so what is fixed to the bottom would hide
// behind it.

export function followKeyboard(element: HTMLElement): () => void {
	const viewport = window.visualViewport;
	if (viewport === null) return () => undefined;
	const fit = (): void => {
		element.style.setProperty("--free-top", `${viewport.offsetTop}px`);
		element.style.setProperty("--free-height", `${viewport.height}px`);
	};
	fit();
	viewport.addEventListener("resize", fit);
	viewport.addEventListener("scroll", fit);
	return () => {
		viewport.removeEventListener("resize", fit);
		viewport.removeEventListener("scroll", fit);
	};
}
