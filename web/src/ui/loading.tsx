import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";

/** The outline of what comes; after a while a text says that it takes long. */
export function Loading() {
	const long = useLong(LONG_MS);
	return (
		<div class="loading" role="status">
			<i aria-hidden="true" />
			<i aria-hidden="true" />
			<p>{t(long ? "loading_long" : "loading")}</p>
		</div>
	);
}

/** Whether the component was mounted at least `ms` ago. */
export function useLong(ms: number): boolean {
	const long = useSignal(false);
	useEffect(() => {
		const timer = setTimeout(() => {
			long.value = true;
		}, ms);
		return () => clearTimeout(timer);
	}, []);
	return long.value;
}

export const LONG_MS = 8_000;
