import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { opening } from "../link/opening";
import { Button } from "../ui/buttons";
import { preloadChat } from "../ui/chat/load";
import { Loading } from "../ui/loading";
import { Toasts } from "../ui/toasts";
import { Blocked } from "./Joining";
import { Lobby } from "./Lobby";
import { Message } from "./Message";
import { inCall } from "./calling";
import { help } from "./helping";
import { type Around, arrival, boot, call, look, screen } from "./page";

export function App() {
	const business = look.value?.business;
	useEffect(() => {
		if (business !== undefined) document.title = t("title", { business });
	}, [business, t("title")]);
	const valid = look.value?.state === "valid";
	useEffect(() => {
		if (!valid) return;
		void Promise.all([opening.loaded(), inCall.loaded()]).then(() => {
			arrival.preload();
			help.preload();
			// A chat that is there already works without a network, and keeps what is written.
			preloadChat();
		});
	}, [valid]);
	return (
		<>
			<Current />
			<Toasts />
		</>
	);
}

function Current() {
	switch (screen.value) {
		case "loading":
			return <Starting />;
		case "offline":
			return (
				<Message title={t("link_offline")} text={t("link_offline_more")} trouble>
					<Button kind="primary" large onClick={() => void boot()}>
						{t("try_again")}
					</Button>
				</Message>
			);
		case "server":
		case "too_often":
			return (
				<Message
					title={t("loading")}
					text={t(screen.value === "server" ? "refusal_trouble" : "refusal_too_often")}
					trouble
				>
					<Button kind="primary" large onClick={() => void boot()}>
						{t("try_again")}
					</Button>
				</Message>
			);
		case "lobby":
			return <Lobby />;
		case "call":
			return call.value && <CallInside call={call.value} />;
		default:
			return <AroundTheCall at={screen.value} />;
	}
}

function CallInside(props: { call: Call }) {
	const Part = inCall.use();
	return Part === null ? <Starting /> : <Part.CallScreen {...props} />;
}

function AroundTheCall({ at }: { at: Around }) {
	const Help = help.use();
	return Help === null ? <Starting /> : <Help.AroundTheCall at={at} />;
}

function Starting() {
	return <main class="sheet-page">{call.value?.socketBlocked.value ? <Blocked /> : <Loading />}</main>;
}
