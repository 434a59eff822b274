// The phone's back button during a call asks first: an extra history entry catches it.

export function guardBack(onBack: () => void): () => void {
	const put = (): void => history.pushState({ guard: true }, "", location.href);
	const popped = (): void => {
		put();
		onBack();
	};
	if (history.state?.guard !== true) put();
	addEventListener("popstate", popped);
	return () => removeEventListener("popstate", popped);
}
