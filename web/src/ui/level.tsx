import type { ReadonlySignal } from "@preact/signals";
import { t } from "../i18n";
import { MicrophoneIcon } from "./icons";

/** Loudness as bars, to show that the microphone works. */
export function Level({ level }: { level: ReadonlySignal<number> }) {
	const lit = Math.round(Math.min(1, level.value) * BARS);
	return (
		<div class="level" role="img" aria-label={t("microphone_level")}>
			<MicrophoneIcon />
			{Array.from({ length: BARS }, (_, bar) => (
				<span key={bar} class={bar < lit ? "lit" : ""} />
			))}
		</div>
	);
}

const BARS = 12;
