import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Call } from "../link/call";
import type { Object as Kept } from "../wire/generated";

export interface Loaded {
	/** An object URL; null until the picture is loaded. */
	url: string | null;
	blob: Blob | null;
	failed: boolean;
	again: () => void;
}

/** Loads a stored picture for an `<img>`. Null loads nothing. */
export function useLoaded(call: Call, object: Kept | null): Loaded {
	const got = useSignal<{ url: string; blob: Blob } | null>(null);
	const failed = useSignal(false);
	const tries = useSignal(0);
	const key = object === null ? null : `${object.of}.${object.picture}.${"through" in object ? object.through : ""}`;
	useEffect(() => {
		if (object === null) return;
		let gone = false;
		let url: string | null = null;
		failed.value = false;
		call.shared.load(object).then(
			(blob) => {
				if (gone) return;
				url = URL.createObjectURL(blob);
				got.value = { url, blob };
			},
			() => {
				if (!gone) failed.value = true;
			},
		);
		return () => {
			gone = true;
			got.value = null;
			if (url !== null) URL.revokeObjectURL(url);
		};
	}, [call, key, tries.value]);
	return {
		url: got.value?.url ?? null,
		blob: got.value?.blob ?? null,
		failed: failed.value,
		again: () => {
			tries.value += 1;
		},
	};
}
