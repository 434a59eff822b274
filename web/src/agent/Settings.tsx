import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { Dialog } from "../ui/dialog";
import { Level } from "../ui/level";
import { toast } from "../ui/toasts";
import { LocalVideo } from "../ui/video";
import { call, devices } from "./console";
import { Field } from "./Field";
import { w } from "./words";

type DeviceKind = "camera" | "microphone";

/** Chooses the camera and the microphone. */
export function Settings({ onClose }: { onClose: () => void }) {
	const found = useSignal<readonly MediaDeviceInfo[]>([]);
	// Devices that were turned on for a test are turned off again.
	const testing = useSignal({ camera: false, microphone: false });
	const closed = useRef(false);
	const stopTest = (): void => {
		if (testing.peek().camera) devices.stopCamera();
		if (testing.peek().microphone && call.peek() === null) devices.stopMicrophone();
	};
	const refresh = async (): Promise<void> => {
		found.value = await devices.list();
	};
	useEffect(() => {
		void refresh();
		return () => {
			closed.current = true;
			stopTest();
		};
	}, []);
	const test = async (): Promise<void> => {
		const camera = devices.camera.peek() === null;
		const microphone = devices.microphone.peek() === null;
		const heard = await devices.startMicrophone();
		const seen = await devices.startCamera();
		testing.value = { camera: camera && seen, microphone: microphone && heard };
		if (closed.current) return stopTest();
		if (!heard && !seen) toast(t("device_failed"));
		await refresh();
	};
	const picture = devices.camera.value;
	return (
		<Dialog title={w("settings")} onClose={onClose}>
			<Choice kind="camera" label={w("choose_camera")} found={found.value} />
			<Choice kind="microphone" label={w("choose_microphone")} found={found.value} />
			{picture !== null && (
				<div class="settings-picture">
					<LocalVideo stream={picture} label={t("own_picture")} />
				</div>
			)}
			{devices.microphone.value !== null && <Level level={devices.level} />}
			{(picture === null || devices.microphone.value === null) && call.peek() === null && (
				<Button busy={devices.asking.value !== null} onClick={() => void test()}>
					{w("settings_preview")}
				</Button>
			)}
			<div class="actions">
				<Button kind="primary" onClick={onClose}>
					{w("done")}
				</Button>
			</div>
		</Dialog>
	);
}

function Choice({ kind, label, found }: { kind: DeviceKind; label: string; found: readonly MediaDeviceInfo[] }) {
	const stream = (kind === "camera" ? devices.camera : devices.microphone).value;
	const used = stream?.getTracks()[0]?.getSettings().deviceId;
	const fitting = found.filter(
		(device) => device.kind === (kind === "camera" ? "videoinput" : "audioinput") && device.deviceId !== "",
	);
	const choose = async (id: string): Promise<void> => {
		if (!(await devices.choose(kind, id === "" ? null : id))) toast(t("device_failed"));
	};
	return (
		<Field label={label}>
			{(field) => (
				<select
					{...field}
					value={used ?? ""}
					disabled={fitting.length === 0}
					onChange={(event) => void choose(event.currentTarget.value)}
				>
					<option value="">{w("settings_default")}</option>
					{fitting.map((device) => (
						<option key={device.deviceId} value={device.deviceId}>
							{device.label || label}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}
