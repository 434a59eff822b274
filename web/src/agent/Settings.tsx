import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { Dialog } from "../ui/dialog";
import { later } from "../ui/later";
import { Level } from "../ui/level";
import { troubles } from "../ui/state";
import { toast } from "../ui/toasts";
import { LocalVideo } from "../ui/video";
import { call, devices } from "./console";
import { chooseDevice, type DeviceUse, keptDevice } from "./devices/chosen";
import { again } from "./devices/kept";
import { namedDevices } from "./devices/names";
import { canChooseSpeaker } from "./devices/speaker";
import { Field } from "./Field";
import { useThere } from "./there";
import { listed } from "./shortcuts/wish";
import { w } from "./words";

/** Chooses camera, microphone and speaker. */
export function Settings({ onClose }: { onClose: () => void }) {
	// Devices that were turned on for a test are turned off again.
	const testing = useSignal({ camera: false, microphone: false });
	const there = useThere();
	const stopTest = (): void => {
		if (testing.peek().camera) devices.stopCamera();
		if (testing.peek().microphone && call.peek() === null) devices.stopMicrophone();
	};
	useEffect(() => {
		void devices.list();
		return stopTest;
	}, []);
	const test = async (): Promise<void> => {
		// Before the browser asks: a late yes must not light a device when this is closed.
		testing.value = {
			camera: testing.peek().camera || devices.camera.peek() === null,
			microphone: testing.peek().microphone || devices.microphone.peek() === null,
		};
		const heard = await devices.startMicrophone();
		if (!there.current) return;
		const seen = await devices.startCamera();
		if (!heard && !seen && there.current) toast(t("device_failed"));
	};
	const picture = devices.camera.value;
	const shown = parts.use();
	return (
		<Dialog title={w("settings")} onClose={onClose}>
			<Choice of="camera" kind="videoinput" label={w("choose_camera")} />
			<Choice of="microphone" kind="audioinput" label={w("choose_microphone")} />
			{canChooseSpeaker && <Choice of="speaker" kind="audiooutput" label={w("choose_speaker")} />}
			{shown !== null && <shown.SpeakerTest />}
			{picture !== null && (
				<div class="settings-picture">
					<LocalVideo stream={picture} label={t("own_picture")} />
				</div>
			)}
			{shown !== null && <shown.BlurSettings />}
			{devices.microphone.value !== null && <Level level={devices.level} />}
			{call.value !== null && <Data of={call.value} />}
			<Wishes
				onList={() => {
					onClose();
					listed.value = true;
				}}
			/>
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

/** What the browser remembers of how this agent works. */
function Wishes({ onList }: { onList: () => void }) {
	const shown = parts.use();
	if (shown === null) return null;
	return (
		<>
			<shown.LanguageSettings />
			<shown.ArrivalSettings />
			<shown.LineSettings />
			<shown.KeySettings onList={onList} />
			<shown.LookSettings />
		</>
	);
}

const parts = later(() => import("./settings-parts"));

/** Asks both pages for less video, and says what this one used. */
function Data({ of: one }: { of: Call }) {
	const used = useId();
	return (
		<div class="field">
			<label class="check">
				<input
					type="checkbox"
					checked={one.saves.value}
					aria-describedby={used}
					onChange={(event) => {
						one.saves.value = event.currentTarget.checked;
					}}
				/>
				<span>{w("save_data")}</span>
			</label>
			<p class="hint" id={used}>
				{w("save_data_more")} {troubles.use()?.usedWords(one)}
			</p>
		</div>
	);
}

interface ChoiceProps {
	of: DeviceUse;
	kind: MediaDeviceKind;
	label: string;
}

function Choice({ of, kind, label }: ChoiceProps) {
	const fitting = namedDevices(devices.found.value, kind, label);
	const tries = useSignal(0);
	const changes = useRef(0);
	const kept = keptDevice[of].value;
	const there = kept === null ? null : again(kept, devices.found.value, kind);
	const change = async (id: string): Promise<void> => {
		changes.current += 1;
		const nth = changes.current;
		// A later choice ends one that is still being opened.
		if ((await chooseDevice(of, id === "" ? null : id)) || changes.current !== nth) return;
		toast(t("device_failed"));
		// The list shows again what is in use.
		tries.value += 1;
	};
	return (
		<Field label={label}>
			{(field) => (
				<select
					key={tries.value}
					{...field}
					value={there?.deviceId ?? (kept === null ? "" : AWAY)}
					disabled={fitting.length === 0}
					onChange={(event) => void change(event.currentTarget.value)}
				>
					<option value="">{w("settings_default")}</option>
					{kept !== null && there === null && (
						<option value={AWAY} disabled>
							{w("device_away", { device: kept.label || label })}
						</option>
					)}
					{fitting.map(({ id, name }) => (
						<option key={id} value={id}>
							{name}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}

/** No id of a device has a space. */
const AWAY = "not there";
