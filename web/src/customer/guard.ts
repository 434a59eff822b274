// The phone's back button in a call: one entry of the history is spent on asking first.

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
