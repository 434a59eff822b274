import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";

/** Something is on its way; after a while it says so. */
export function Loading() {
	const long = useSignal(false);
	useEffect(() => {
		const timer = setTimeout(() => {
			long.value = true;
		}, LONG_MS);
		return () => clearTimeout(timer);
	}, []);
	return (
		<div class="loading" role="status">
			<i aria-hidden="true" />
			<p>{t(long.value ? "loading_long" : "loading")}</p>
		</div>
	);
}

const LONG_MS = 8_000;
