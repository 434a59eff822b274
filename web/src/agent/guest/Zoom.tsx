import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Call } from "../../link/call";
import { ZOOM_MAX } from "../../wire/generated";
import { control } from "./request";
import { g } from "./words";

interface ZoomProps {
	call: Call;
	name: string;
	/** Where the customer's page says that the camera is. */
	told: number;
}

/** Follows the hand at once and the camera a moment later; one command is under way at a time. */
export function Zoom({ call, name, told }: ZoomProps) {
	const wanted = useSignal<number | null>(null);
	const sending = useSignal(false);
	useEffect(() => {
		// What a slow answer keeps waiting is still to be sent.
		if (wanted.value === null || sending.value) return;
		const settled = setTimeout(() => (wanted.value = null), SETTLED_MS);
		return () => clearTimeout(settled);
	}, [wanted.value, told, sending.value]);
	const send = async (): Promise<void> => {
		if (sending.peek()) return;
		sending.value = true;
		let sent: number | null = null;
		while (wanted.peek() !== null && wanted.peek() !== sent) {
			sent = wanted.peek() ?? 0;
			if (!(await control(call, name, { type: "zoom", zoom: sent }))) break;
			await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		}
		sending.value = false;
	};
	const shown = wanted.value ?? told;
	return (
		<input
			type="range"
			class="guest-zoom"
			aria-label={g("zoom")}
			aria-valuetext={g("zoomed", { percent: Math.round((shown * 100) / ZOOM_MAX) })}
			title={g("zoom")}
			min={0}
			max={ZOOM_MAX}
			step={STEP}
			value={shown}
			onInput={(event) => {
				wanted.value = event.currentTarget.valueAsNumber;
				void send();
			}}
		/>
	);
}

const STEP = 25;
const PAUSE_MS = 150;
const SETTLED_MS = 3_000;
