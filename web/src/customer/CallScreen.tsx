import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button, RoundButton } from "../ui/buttons";
import { ChatPanel } from "../ui/chat/Panel";
import { useChat } from "../ui/chat/unread";
import { EndDialog } from "../ui/endcall";
import { HiddenHeading } from "../ui/heading";
import { CameraIcon, CameraOffIcon, ChatIcon, FlipIcon, HangUpIcon, MicrophoneIcon, MicrophoneOffIcon } from "../ui/icons";
import { CallTimer, ConnectionBanner, ConnectionStatus, useNotices } from "../ui/state";
import { Other, TapToHear } from "../ui/tile";
import { toast } from "../ui/toasts";
import { LocalVideo } from "../ui/video";
import { keepAwake } from "../ui/wake";
import { guardBack } from "./guard";
import { look, player, videoOnly } from "./page";

/** The own rear camera fills the screen; the agent is a small tile on it. */
export function CallScreen({ call }: { call: Call }) {
	const ending = useSignal(false);
	const chat = useChat(call);
	const chatButton = useRef<HTMLButtonElement>(null);
	const view = call.view.value;
	const agent = view.seats.agent.name ?? view.agent_name ?? look.value?.agent_name ?? "";

	useEffect(keepAwake, []);
	useEffect(
		() =>
			guardBack(() => {
				ending.value = true;
			}),
		[],
	);
	useNotices(call, agent);

	const closeChat = (): void => {
		chat.open.value = false;
		requestAnimationFrame(() => chatButton.current?.focus());
	};
	return (
		<main class="call customer">
			<HiddenHeading text={t("title", { business: look.value?.business ?? "" })} />
			<OwnPicture call={call} />
			<div class="top">
				<CallTimer call={call} />
				<ConnectionStatus connection={call.connection} />
			</div>
			<Other call={call} player={player} name={agent} />
			<div class="notices">
				<ConnectionBanner call={call} name={agent} />
				{!view.seats.agent.joined && (
					<div class="banner">
						<p>
							<strong>{t("waiting_for", { agent })}</strong>
						</p>
						<p>{t("waiting_more", { agent })}</p>
					</div>
				)}
				<TapToHear player={player} />
			</div>
			<div class="controls" inert={chat.open.value}>
				<div class="rail">
					<Devices call={call} />
					<RoundButton name={t("end_call")} icon={HangUpIcon} danger onClick={() => (ending.value = true)} />
				</div>
				<div class="bottom">
					<RoundButton
						name={t("chat")}
						icon={ChatIcon}
						badge={chat.unread}
						{...(chat.unread > 0 ? { description: t("chat_unread", { n: chat.unread }) } : {})}
						expanded={chat.open.value}
						buttonRef={chatButton}
						onClick={() => (chat.open.value = true)}
					/>
				</div>
			</div>
			{chat.open.value && <ChatPanel call={call} name={agent} onClose={closeChat} />}
			{ending.value && <EndDialog call={call} onClose={() => (ending.value = false)} />}
		</main>
	);
}

function OwnPicture({ call }: { call: Call }) {
	const stream = call.devices.camera.value;
	if (stream !== null) return <LocalVideo stream={stream} label={t("own_picture")} />;
	return (
		<div class="no-picture">
			<CameraOffIcon />
			<p>{t("own_camera_off")}</p>
			<Button icon={CameraIcon} onClick={() => void attempt(call.setCamera(true), t("device_failed"))}>
				{t("turn_back_on")}
			</Button>
		</div>
	);
}

function Devices({ call }: { call: Call }) {
	const { camera, microphone } = call.media.value;
	return (
		<>
			<RoundButton
				name={t("flip")}
				icon={FlipIcon}
				disabled={!camera || !call.devices.canFlip.value}
				onClick={() => void attempt(call.flip(), t("flip_failed"))}
			/>
			<RoundButton
				name={t("microphone")}
				icon={microphone ? MicrophoneIcon : MicrophoneOffIcon}
				pressed={microphone}
				disabled={videoOnly.value && !microphone}
				onClick={() => void attempt(call.setMicrophone(!microphone), t("device_failed"))}
			/>
			<RoundButton
				name={t("camera")}
				icon={camera ? CameraIcon : CameraOffIcon}
				pressed={camera}
				onClick={() => void attempt(call.setCamera(!camera), t("device_failed"))}
			/>
		</>
	);
}

async function attempt(tried: Promise<boolean>, failure: string): Promise<void> {
	if (!(await tried)) toast(failure);
}
