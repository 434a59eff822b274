import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** True once something has been so for this long. `anew` starts the time again when it changes. */
export function useLasting(is: boolean, for_ms: number, anew = 0): boolean {
	const long = useSignal(false);
	useEffect(() => {
		long.value = false;
		if (!is) return;
		const timer = setTimeout(() => {
			long.value = true;
		}, for_ms);
		return () => clearTimeout(timer);
	}, [is, anew]);
	return is && long.value;
}
