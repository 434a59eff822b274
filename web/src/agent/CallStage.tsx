import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { board } from "../ui/board/load";
import { StillSending } from "../ui/busy";
import { Button, RoundButton } from "../ui/buttons";
import { ChatButton } from "../ui/chat/Button";
import { Chat } from "../ui/chat/load";
import { type ChatState, useChat } from "../ui/chat/unread";
import { EndDialog } from "../ui/endcall";
import { usePictureNotices } from "../ui/picture-notices";
import { HiddenHeading } from "../ui/heading";
import { CameraOffIcon, HangUpIcon, MicrophoneOffIcon } from "../ui/call-icons";
import { CameraIcon, MicrophoneIcon } from "../ui/icons";
import { later } from "../ui/later";
import { Loading } from "../ui/loading";
import { focusLater } from "../ui/rendering";
import { Flash, Shutter } from "../ui/shutter";
import { CallTimer, ConnectionBanner, ConnectionStatus, useNotices } from "../ui/state";
import { Other, TapToHear } from "../ui/tile";
import { toast } from "../ui/toasts";
import { initials, LocalVideo } from "../ui/video";
import { preloadViewer, Viewing } from "../ui/viewing";
import { keepAwake } from "../ui/wake";
import { me, player, switchMicrophone } from "./console";
import { SettingsIcon } from "./icons";
import { CustomerMoved } from "./CustomerMoved";
import { CustomerNumber } from "./CustomerNumber";
import { GuestPlace } from "./guest/GuestPlace";
import { OpenRequest } from "./guest/OpenRequest";
import { GuestControls } from "./GuestControls";
import { LinkShared } from "./LinkShared";
import { useLasting } from "./lasting";
import { ReadyLines } from "./lines/ReadyLines";
import { OwnMicrophone } from "./OwnMicrophone";
import { pointsOn } from "./pointing";
import { Settings } from "./Settings";
import { SpeaksElsewhere } from "./SpeaksElsewhere";
import { w } from "./words";

/** The customer's picture large on a dark stage, everything else around it. */
export function CallStage({ call }: { call: Call }) {
	const asked = useSignal<"end" | "settings" | null>(null);
	const chat = useChat(call);
	const chatButton = useRef<HTMLButtonElement>(null);
	const stage = useRef<HTMLDivElement>(null);
	const view = call.view.value;
	const drawing = call.shared.board.value !== null;
	const name = view.seats.customer.name ?? w("customer");
	useEffect(keepAwake, []);
	useNotices(call, name);
	usePictureNotices(call, name, chat.open.value);
	usePreloads();
	usePictureSource(call, stage);
	const silent = useSilence(call);
	const close = (): void => {
		asked.value = null;
	};
	const toggleChat = (): void => {
		chat.open.value = !chat.open.peek();
		if (!chat.open.peek()) focusLater(() => chatButton.current);
	};
	return (
		<main class={`call agent${chat.open.value ? " with-chat" : ""}${drawing ? " with-board" : ""}`}>
			<HiddenHeading text={w("call_with", { name })} />
			<Head call={call} name={name} />
			<div class="stage" ref={stage}>
				<Other call={call} player={player} name={name} large />
				{!drawing && <StageNote call={call} name={name} />}
				<Flash />
				{drawing && <Drawing call={call} name={name} />}
				<div class="notices">
					<ConnectionBanner call={call} name={name} />
					<StillSending call={call} />
					<TapToHear player={player} />
					{silent && <OwnMicrophone call={call} />}
					<SpeaksElsewhere call={call} />
					<OpenRequest call={call} name={name} />
					<GuestPlace call={call} name={name} />
					<CustomerMoved call={call} />
					<LinkShared call={call} />
				</div>
				<OwnTile call={call} />
			</div>
			<Pictures call={call} />
			<Controls
				call={call}
				name={name}
				chat={chat}
				chatButton={chatButton}
				onChat={toggleChat}
				onSettings={() => (asked.value = "settings")}
				onEnd={() => (asked.value = "end")}
			/>
			{chat.open.value && <Chat call={call} name={name} onClose={toggleChat} ready={ReadyLines} />}
			<Viewing call={call} />
			{(call.ending.value || asked.value === "end") && <EndDialog call={call} onClose={close} />}
			{asked.value === "settings" && <Settings onClose={close} />}
		</main>
	);
}

function usePreloads(): void {
	useEffect(() => {
		board.preload();
		tools.preload();
		strip.preload();
		preloadViewer();
	}, []);
}

/** Makes the customer's video the target of the pointer and the source of frozen frames. */
function usePictureSource(call: Call, stage: { current: HTMLElement | null }): void {
	useEffect(() => {
		call.shared.source(player.element);
		const stop = stage.current === null ? null : pointsOn(stage.current, player.element, call.shared);
		return () => {
			stop?.();
			call.shared.source(null);
		};
	}, [call]);
}

/** Whether the customer hears nothing, although they do not talk on the phone. */
function useSilence(call: Call): boolean {
	const off = call.joined.value && call.devices.microphone.value === null;
	// Not while the microphone starts, and not while the call ends and devices are off.
	const is = off && !call.ending.value && !call.view.value.seats.customer.video_only;
	return useLasting(is, SILENT_MS);
}

function Head({ call, name }: { call: Call; name: string }) {
	const view = call.view.value;
	return (
		<header class="head">
			<dl>
				<CustomerNumber number={view.number ?? ""} />
				<div>
					<dt>{w("reference")}</dt>
					<dd>
						<bdi>{view.reference}</bdi>
					</dd>
				</div>
			</dl>
			<GuestControls call={call} customer={name} />
			<div class="state">
				{view.seats.customer.video_only && <span class="pill">{w("on_phone")}</span>}
				<ConnectionStatus connection={call.connection} />
				<CallTimer call={call} />
			</div>
		</header>
	);
}

/** Why there is no picture. */
function StageNote({ call, name }: { call: Call; name: string }) {
	const is = call.connection.value.state;
	const off = !call.view.value.seats.customer.camera;
	const missing = !call.remotePicture.value && !off && (is === "live" || is === "weak");
	const tries = useSignal(0);
	const late = useLasting(missing, PICTURE_LATE_MS, tries.value);
	const trouble = call.mediaTrouble.value;
	// A banner says why, and trying again would not help.
	if (trouble !== null && trouble !== "unseen") return null;
	if (call.remotePicture.value || is === "reconnecting" || is === "paused") return null;
	const again = (): void => {
		tries.value += 1;
		call.retryNow();
	};
	return (
		<div class="stage-note">
			<p role="status">
				{off ? w("stage_camera_off", { name }) : w(late ? "stage_missing" : "stage_coming", { name })}
			</p>
			{late && (
				<Button kind="plain" onClick={again}>
					{t("try_now")}
				</Button>
			)}
		</div>
	);
}

function OwnTile({ call }: { call: Call }) {
	const stream = call.devices.camera.value;
	return (
		<div class="own-tile">
			{stream === null ? (
				<div class="initials" aria-hidden="true">
					<span>{initials(me.value?.name ?? "")}</span>
				</div>
			) : (
				<LocalVideo stream={stream} label={w("own_tile")} onElement={call.devices.shows} />
			)}
			<div class="tag">
				{!call.media.value.microphone && <MicrophoneOffIcon />}
				<span class="name">{t("you")}</span>
			</div>
		</div>
	);
}

function Drawing({ call, name }: { call: Call; name: string }) {
	const Board = board.use();
	const agentTools = tools.use();
	if (Board !== null && agentTools !== null) return <Board call={call} name={name} tools={agentTools} />;
	return (
		<div class="board-wait">
			<Loading />
		</div>
	);
}

function Pictures({ call }: { call: Call }) {
	const Strip = strip.use();
	return Strip === null ? null : <Strip call={call} />;
}

interface ControlsProps {
	call: Call;
	name: string;
	chat: ChatState;
	chatButton: { current: HTMLButtonElement | null };
	onChat: () => void;
	onSettings: () => void;
	onEnd: () => void;
}

function Controls({ call, name, chat, chatButton, onChat, onSettings, onEnd }: ControlsProps) {
	const { camera, microphone } = call.media.value;
	const attempt = async (tried: Promise<boolean>): Promise<void> => {
		if (!(await tried)) toast(t("device_failed"));
	};
	return (
		<div class="controls">
			<RoundButton
				name={t("microphone")}
				icon={microphone ? MicrophoneIcon : MicrophoneOffIcon}
				pressed={microphone}
				onClick={() => void attempt(switchMicrophone(call, !microphone))}
			/>
			<RoundButton
				name={t("camera")}
				icon={camera ? CameraIcon : CameraOffIcon}
				pressed={camera}
				onClick={() => void attempt(call.setCamera(!camera))}
			/>
			{call.shared.board.value === null ? <Shutter call={call} name={name} /> : <span class="round no-shutter" />}
			<ChatButton chat={chat} buttonRef={chatButton} onClick={onChat} />
			<RoundButton name={w("settings")} icon={SettingsIcon} onClick={onSettings} />
			<RoundButton name={t("end_call")} icon={HangUpIcon} danger onClick={onEnd} />
		</div>
	);
}

const tools = later(() => import("./board/toolset").then(({ agentTools }) => agentTools));
const strip = later(() => import("./Strip").then(({ Strip }) => Strip));
const SILENT_MS = 1_500;
const PICTURE_LATE_MS = 8_000;
