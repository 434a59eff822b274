import { useEffect, useRef } from "preact/hooks";

/** Whether the component is still shown: an answer that comes late asks before it acts. */
export function useThere(): { readonly current: boolean } {
	const there = useRef(true);
	useEffect(() => {
		there.current = true;
		return () => {
			there.current = false;
		};
	}, []);
	return there;
}
