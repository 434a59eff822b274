// The part of the window that the phone's keyboard leaves free, as custom properties: iOS shrinks
// only the visual viewport when the keyboard opens, so what is fixed to the bottom would hide
// behind it.

export function followKeyboard(element: HTMLElement): () => void {
	const viewport = window.visualViewport;
	if (viewport === null) return () => undefined;
	const follow = (): void => {
		element.style.setProperty("--free-top", `${viewport.offsetTop}px`);
		element.style.setProperty("--free-height", `${viewport.height}px`);
	};
	follow();
	viewport.addEventListener("resize", follow);
	viewport.addEventListener("scroll", follow);
	return () => {
		viewport.removeEventListener("resize", follow);
		viewport.removeEventListener("scroll", follow);
	};
}
