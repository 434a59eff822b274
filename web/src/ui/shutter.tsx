import "../i18n/en-live";
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { RoundButton } from "./buttons";
import { ShutterIcon } from "./call-icons";
import { refusalWords } from "./refusals";
import { opposite } from "../wire/seats";
import { toast } from "./toasts";

/** Counts the pictures taken on this page: each one flashes. */
const flashes = signal(0);

/** Takes a picture with the customer's camera, for both. Says why when it cannot. */
export function Shutter({ call, name, large }: { call: Call; name: string; large?: boolean }) {
	const button = useRef<HTMLButtonElement>(null);
	const { shutter } = call.shared;
	// Closing a board removes the focused button, so the shutter that returns takes the focus, once
	// the page is laid out.
	useEffect(() => {
		if (document.activeElement === document.body) button.current?.focus({ preventScroll: true });
	}, []);
	return (
		<RoundButton
			name={t("take_screenshot")}
			icon={large ? Nothing : ShutterIcon}
			kind={large ? "shutter" : "shutter-small"}
			busy={shutter.value === "waiting"}
			unable={shutter.value === "ready" ? null : reason(call, shutter.value, name)}
			buttonRef={button}
			onClick={() => void takePicture(call)}
		/>
	);
}

/** Presses the shutter. */
export async function takePicture(call: Call): Promise<void> {
	flashes.value += 1;
	const refusal = await call.shared.capture();
	if (refusal !== null) toast(refusalWords(refusal));
}

function reason(call: Call, why: Exclude<Call["shared"]["shutter"]["value"], "ready">, name: string): string {
	if (why === "camera_off")
		return call.seat === "customer" ? t("shutter_camera_off") : t("shutter_camera_off_of", { name });
	if (why === "nobody") return t("shutter_nobody", { name: call.view.value.seats[opposite(call.seat)].name ?? name });
	return t(`shutter_${why}`);
}

/** A white flash when a picture is taken. */
export function Flash() {
	// Presses on an earlier screen do not flash here.
	const before = useRef(flashes.peek());
	return flashes.value === before.current ? null : <div key={flashes.value} class="flash" aria-hidden="true" />;
}

const Nothing = () => <></>;
