import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** True once `is` has been true for `for_ms`. A change of `restart` starts the time again. */
export function useLasting(is: boolean, for_ms: number, restart = 0): boolean {
	const long = useSignal(false);
	useEffect(() => {
		long.value = false;
		if (!is) return;
		const timer = setTimeout(() => {
			long.value = true;
		}, for_ms);
		return () => clearTimeout(timer);
	}, [is, restart]);
	return is && long.value;
}
