// A picture from elsewhere, where no camera is to be had.

import "../i18n/en-call";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { refusalWords } from "../ui/refusals";
import { toast } from "../ui/toasts";

/** Two buttons: a file, or the camera app of the phone, which needs no permission of this page. */
export function Choose({ call }: { call: Call }) {
	const busy = useSignal(false);
	const bring = async (file: File): Promise<void> => {
		busy.value = true;
		const trouble = await call.shared.bring(file);
		busy.value = false;
		if (trouble === null) return;
		if (typeof trouble === "object") toast(refusalWords(trouble));
		else toast(t(trouble === "network" ? trouble : `choose_${trouble}`));
	};
	return (
		<div class="choose">
			<Pick name={t("choose_picture")} busy={busy.value} onPick={bring} />
			<Pick name={t("take_photo")} busy={busy.value} onPick={bring} camera />
		</div>
	);
}

interface PickProps {
	name: string;
	busy: boolean;
	/** Opens the rear camera where the device has one. */
	camera?: boolean;
	onPick(file: File): Promise<void>;
}

function Pick({ name, busy, camera, onPick }: PickProps) {
	const field = useRef<HTMLInputElement>(null);
	const picked = (): void => {
		const input = field.current;
		const file = input?.files?.[0];
		if (file) void onPick(file);
		// The same file may be chosen again.
		if (input) input.value = "";
	};
	return (
		<>
			<Button busy={busy} disabled={busy} onClick={() => field.current?.click()}>
				{name}
			</Button>
			<input
				ref={field}
				type="file"
				accept="image/*"
				{...(camera ? { capture: "environment" } : {})}
				hidden
				onChange={picked}
			/>
		</>
	);
}
