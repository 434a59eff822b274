import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button, RoundButton } from "../ui/buttons";
import { CameraOffIcon, FlipIcon, LensIcon, MicrophoneOffIcon } from "../ui/call-icons";
import { CameraIcon, MicrophoneIcon } from "../ui/icons";
import { later } from "../ui/later";
import { tab } from "../ui/remember";
import { note, toast } from "../ui/toasts";
import { LocalVideo } from "../ui/video";
import type { Switches } from "./switches";

interface DevicesProps {
	call: Call;
	switches: Switches;
}

/** The customer's own camera, or a button to turn it on. */
export function OwnPicture({ call, switches, preview }: DevicesProps & { preview: Signal<HTMLVideoElement | null> }) {
	const stream = call.devices.camera.value;
	// Remembered, because after a reload the camera may need a tap to start.
	const wasOn = `camera-was-on.${call.session}`;
	useEffect(() => {
		if (stream !== null) tab.remember(wasOn, "yes");
	}, [stream]);
	const onElement = useMemo(
		() => (video: HTMLVideoElement | null) => {
			call.shared.source(video);
			call.devices.shows(video);
			preview.value = video;
		},
		[call],
	);
	if (stream !== null) return <LocalVideo stream={stream} label={t("own_picture")} onElement={onElement} />;
	return (
		<div class="no-picture">
			<CameraOffIcon />
			<p>{t("own_camera_off")}</p>
			<Button icon={CameraIcon} onClick={() => void switches.turn("camera", true)}>
				{t(tab.recall(wasOn) === null ? "turn_on" : "turn_back_on")}
			</Button>
			{(call.devices.cameraTrouble.value !== null || tab.recall(wasOn) === null) && <Elsewhere call={call} />}
		</div>
	);
}

/** A camera that never ran cannot be had: it was asked for in the lobby. */
function Elsewhere({ call }: { call: Call }) {
	const Choose = choose.use();
	return Choose === null ? null : <Choose call={call} />;
}

const choose = later(() => import("./Choose").then(({ Choose }) => Choose));

/** The buttons of the camera and the microphone. */
export function Devices({ call, switches }: DevicesProps) {
	const { camera } = call.media.value;
	const changing = useSignal(false);
	const change = async (next: () => Promise<boolean>): Promise<void> => {
		changing.value = true;
		if (!(await next())) toast(t("flip_failed"));
		changing.value = false;
	};
	const { lenses, facing } = call.devices;
	const lens = async (): Promise<boolean> => {
		const place = await call.devices.nextLens();
		if (place !== null) note(t("lens_of", { n: place + 1, of: lenses.peek().length }));
		return place !== null;
	};
	return (
		<>
			{camera && lenses.value.length > 1 && facing.value === "environment" && (
				<RoundButton name={t("lens")} icon={LensIcon} disabled={changing.value} onClick={() => void change(lens)} />
			)}
			<RoundButton
				name={t("flip")}
				icon={FlipIcon}
				disabled={changing.value || !camera || !call.devices.canFlip.value}
				onClick={() => void change(() => call.flip())}
			/>
			<OwnMicrophone call={call} switches={switches} />
			<OwnCamera call={call} switches={switches} />
		</>
	);
}

export function OwnCamera({ call, switches }: DevicesProps) {
	const { camera } = call.media.value;
	return (
		<RoundButton
			name={t("camera")}
			icon={camera ? CameraIcon : CameraOffIcon}
			pressed={camera}
			onClick={() => void switches.turn("camera", !camera)}
		/>
	);
}

export function OwnMicrophone({ call, switches }: DevicesProps) {
	const { microphone } = call.media.value;
	return (
		<RoundButton
			name={t("microphone")}
			icon={microphone ? MicrophoneIcon : MicrophoneOffIcon}
			pressed={microphone}
			onClick={() => void switches.turn("microphone", !microphone)}
		/>
	);
}
