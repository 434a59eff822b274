import type { Call } from "../../link/call";
import { CameraOffIcon, FlipIcon, MicrophoneOffIcon } from "../../ui/call-icons";
import { CameraIcon, type Icon, MicrophoneIcon } from "../../ui/icons";
import { note } from "../../ui/toasts";
import type { GuestDevice, GuestWish } from "../../wire/generated";
import { PlaceIcon, TorchIcon, TorchOffIcon } from "../icons";
import { control, openFor } from "./request";
import { g } from "./words";
import { Zoom } from "./Zoom";

/** The customer's devices: off and zoom at once, everything else by asking. */
export function Devices({ call, name }: { call: Call; name: string }) {
	const { microphone, camera, away } = call.view.value.seats.customer;
	const { torch, zoom } = call.otherControls.value;
	const open = openFor(call) > 0;
	const here = away === null;
	/** Why the customer cannot be asked now. */
	const unable = (needs_camera: boolean): string | null => {
		if (!here) return g("nobody", { name });
		if (needs_camera && !camera) return g("needs_camera", { name });
		return open ? g("one_at_a_time", { name }) : null;
	};
	const ask = (wish: GuestWish): void => void control(call, name, { type: "ask", wish });
	const off = (device: GuestDevice): void => void control(call, name, { type: "switch_off", device });
	const turn = (what: GuestDevice, on: boolean) => ({
		pressed: on,
		unable: on && here ? null : unable(what === "torch"),
		more: g(on ? "is_on" : "is_off"),
		onClick: () => (on ? off(what) : ask(what)),
	});
	return (
		<>
			<Control
				name={g("microphone")}
				icon={microphone ? MicrophoneIcon : MicrophoneOffIcon}
				{...turn("microphone", microphone)}
			/>
			<Control name={g("camera")} icon={camera ? CameraIcon : CameraOffIcon} {...turn("camera", camera)} />
			<Control name={g("flip")} icon={FlipIcon} unable={unable(true)} more={g("asks")} onClick={() => ask("flip")} />
			{torch !== undefined && camera && (
				<Control name={g("torch")} icon={torch ? TorchIcon : TorchOffIcon} {...turn("torch", torch)} />
			)}
			{zoom !== undefined && camera && <Zoom call={call} name={name} told={zoom} />}
			<Control
				name={g("location")}
				icon={PlaceIcon}
				unable={unable(false)}
				more={g("asks")}
				onClick={() => ask("location")}
			/>
		</>
	);
}

interface ControlProps {
	name: string;
	icon: Icon;
	pressed?: boolean;
	/** Why it cannot be used now: pressed all the same, it says so. */
	unable: string | null;
	more: string;
	onClick: () => void;
}

function Control({ name, icon: Shown, pressed, unable, more, onClick }: ControlProps) {
	return (
		<button
			type="button"
			class="bare"
			aria-label={name}
			aria-pressed={pressed}
			aria-disabled={unable === null ? undefined : true}
			aria-description={unable ?? more}
			title={name}
			onClick={() => (unable === null ? onClick() : note(unable))}
		>
			<Shown />
		</button>
	);
}
