import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { board } from "../ui/board/load";
import { StillSending } from "../ui/busy";
import { RoundButton } from "../ui/buttons";
import { Chat } from "../ui/chat/load";
import { type ChatState, useChat } from "../ui/chat/unread";
import { ChatButton } from "../ui/chat/Button";
import { EndDialog } from "../ui/endcall";
import { HiddenHeading } from "../ui/heading";
import { HangUpIcon } from "../ui/call-icons";
import { Loading } from "../ui/loading";
import { later } from "../ui/later";
import { preloadRating } from "../ui/rated";
import { focusLater } from "../ui/rendering";
import { Flash, Shutter } from "../ui/shutter";
import { CallTimer, ConnectionBanner, ConnectionStatus, useNotices } from "../ui/state";
import { Other, TapToHear } from "../ui/tile";
import { preloadViewer, Viewing, viewing } from "../ui/viewing";
import { Devices, OwnCamera, OwnMicrophone, OwnPicture } from "./Devices";
import { guardBack } from "./guard";
import { help } from "./helping";
import { look, player } from "./page";
import { Switches } from "./switches";

/** The customer's camera or the open picture fills the screen; the agent is a small tile on it. */
export function CallScreen({ call }: { call: Call }) {
	const ending = useSignal(false);
	const switches = useMemo(() => new Switches(call), [call]);
	const preview = useSignal<HTMLVideoElement | null>(null);
	const chat = useChat(call);
	const chatButton = useRef<HTMLButtonElement>(null);
	const view = call.view.value;
	const drawing = call.shared.board.value !== null;
	const agent = view.seats.agent.name ?? view.agent_name ?? look.value?.agent_name ?? "";

	const closeChat = (): void => {
		chat.open.value = false;
		focusLater(() => chatButton.current);
	};
	useEffect(() => guardBack(() => goBack(call, { ending, switches, chat: chat.open, closeChat })), []);
	useNotices(call, agent);
	usePreloads(call);
	const Side = side.use();
	return (
		<main class={drawing ? "call customer with-board" : "call customer"}>
			<HiddenHeading text={t("title", { business: look.value?.business ?? "" })} />
			<div class="own-camera" inert={drawing}>
				<OwnPicture call={call} switches={switches} preview={preview} />
				{Side && <Side.Alongside call={call} agent={agent} reading={chat.open.value} preview={preview.value} />}
			</div>
			<Flash />
			{drawing && <Drawing call={call} name={agent} />}
			<div class="top">
				<CallTimer call={call} />
				<ConnectionStatus connection={call.connection} />
				<StillSending call={call} />
			</div>
			<Other call={call} player={player} name={agent} />
			<div class="notices">
				<ConnectionBanner call={call} name={agent} />
				{!view.seats.agent.joined && <AgentMissing agent={agent} />}
				<TapToHear player={player} />
			</div>
			<Controls
				call={call}
				name={agent}
				switches={switches}
				chat={chat}
				chatButton={chatButton}
				onEnd={() => (ending.value = true)}
			/>
			{chat.open.value && <Chat call={call} name={agent} onClose={closeChat} />}
			<Viewing call={call} />
			{Side && <Side.Guest call={call} agent={agent} switches={switches} />}
			<Stuck switches={switches} />
			{(ending.value || call.ending.value) && <EndDialog call={call} onClose={() => (ending.value = false)} />}
		</main>
	);
}

/** Loads later parts of the page once sound and picture run. */
function usePreloads(call: Call): void {
	const runs = call.remotePicture.value || call.connection.value.state === "live";
	useEffect(() => {
		// Sound and picture of a weak network come first. Opening a picture loads these sooner.
		if (!runs) return;
		const ahead = setTimeout(() => {
			board.preload();
			preloadViewer();
			preloadRating();
		}, AHEAD_MS);
		return () => clearTimeout(ahead);
	}, [runs]);
}

interface OnScreen {
	ending: Signal<boolean>;
	switches: Switches;
	chat: Signal<boolean>;
	closeChat: () => void;
}

/** The phone's back button closes what lies on top; on the live picture it asks to end the call. */
function goBack(call: Call, { ending, switches, chat, closeChat }: OnScreen): void {
	const open = call.shared.board.peek();
	if (switches.stuck.peek() !== null) switches.stuck.value = null;
	else if (viewing.peek() !== null) viewing.value = null;
	else if (chat.peek()) closeChat();
	else if (open === null) ending.value = true;
	else {
		side.peek()?.markOwn(call, "close", open.picture.id);
		void call.shared.backToLive(open.picture.id);
	}
}

/** The dialog loads beside the lobby; on a weak network it comes when it can. */
function Stuck({ switches }: { switches: Switches }) {
	const device = switches.stuck.value;
	const Help = device === null ? null : help.use();
	return device === null || Help === null ? null : <Help.Blocked device={device} switches={switches} />;
}

function AgentMissing({ agent }: { agent: string }) {
	return (
		<div class="banner">
			<p>
				<strong>{t("waiting_for", { agent })}</strong>
			</p>
			<p>{t("waiting_more", { agent })}</p>
		</div>
	);
}

interface ControlsProps {
	call: Call;
	name: string;
	switches: Switches;
	chat: ChatState;
	chatButton: { current: HTMLButtonElement | null };
	onEnd: () => void;
}

function Controls({ call, name, switches, chat, chatButton, onEnd }: ControlsProps) {
	const drawing = call.shared.board.value !== null;
	const end = <RoundButton name={t("end_call")} icon={HangUpIcon} danger onClick={onEnd} />;
	return (
		<div class="controls" inert={chat.open.value}>
			{!drawing && (
				<div class="rail">
					<Devices call={call} switches={switches} />
					{end}
				</div>
			)}
			{!drawing && <Shutter call={call} name={name} large />}
			<div class="bottom">
				<ChatButton chat={chat} buttonRef={chatButton} onClick={() => (chat.open.value = true)} />
				{drawing && (
					<>
						<OwnMicrophone call={call} switches={switches} />
						<OwnCamera call={call} switches={switches} />
						{end}
					</>
				)}
			</div>
		</div>
	);
}

function Drawing({ call, name }: { call: Call; name: string }) {
	const Board = board.use();
	if (Board !== null) return <Board call={call} name={name} />;
	return (
		<div class="board-wait">
			<Loading />
		</div>
	);
}

const side = later(() => import("./Alongside"));
const AHEAD_MS = 1_500;
