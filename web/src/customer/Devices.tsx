import type { Signal } from "@preact/signals";
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
import { type Device, turn } from "./turn";

interface DevicesProps {
	call: Call;
	/** The device that the browser blocks. */
	stuck: Signal<Device | null>;
}

/** The customer's own camera, or a button to turn it on. */
export function OwnPicture({ call, stuck, preview }: DevicesProps & { preview: Signal<HTMLVideoElement | null> }) {
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
			<Button icon={CameraIcon} onClick={() => void turn(call, "camera", true, stuck)}>
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
export function Devices({ call, stuck }: DevicesProps) {
	const { camera } = call.media.value;
	const flip = async (): Promise<void> => {
		if (!(await call.flip())) toast(t("flip_failed"));
	};
	const { lenses, facing } = call.devices;
	const lens = async (): Promise<void> => {
		const place = await call.devices.nextLens();
		if (place === null) toast(t("flip_failed"));
		else note(t("lens_of", { n: place + 1, of: lenses.peek().length }));
	};
	return (
		<>
			{camera && lenses.value.length > 1 && facing.value === "environment" && (
				<RoundButton name={t("lens")} icon={LensIcon} onClick={() => void lens()} />
			)}
			<RoundButton
				name={t("flip")}
				icon={FlipIcon}
				disabled={!camera || !call.devices.canFlip.value}
				onClick={() => void flip()}
			/>
			<OwnMicrophone call={call} stuck={stuck} />
			<OwnCamera call={call} stuck={stuck} />
		</>
	);
}

export function OwnCamera({ call, stuck }: DevicesProps) {
	const { camera } = call.media.value;
	return (
		<RoundButton
			name={t("camera")}
			icon={camera ? CameraIcon : CameraOffIcon}
			pressed={camera}
			onClick={() => void turn(call, "camera", !camera, stuck)}
		/>
	);
}

export function OwnMicrophone({ call, stuck }: DevicesProps) {
	const { microphone } = call.media.value;
	return (
		<RoundButton
			name={t("microphone")}
			icon={microphone ? MicrophoneIcon : MicrophoneOffIcon}
			pressed={microphone}
			onClick={() => void turn(call, "microphone", !microphone, stuck)}
		/>
	);
}
