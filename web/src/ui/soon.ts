// Parts of a screen that a press does not wait for.

import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { nextTask } from "../link/turn";

/** False when the component first renders, true from a task after that on. */
export function useSoon(): boolean {
	const soon = useSignal(false);
	useLayoutEffect(() => {
		void nextTask().then(() => {
			soon.value = true;
		});
	}, []);
	return soon.value;
}
