import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { preloadChat } from "../ui/chat/load";
import { Loading } from "../ui/loading";
import { Toasts } from "../ui/toasts";
import { CallScreen } from "./CallScreen";
import { CallEnded, Moved } from "./Closing";
import { Blocked } from "./Joining";
import { Lobby } from "./Lobby";
import { Message } from "./Message";
import { help } from "./helping";
import { boot, call, look, type Screen, screen } from "./page";

export function App() {
	const business = look.value?.business;
	useEffect(() => {
		if (business !== undefined) document.title = t("title", { business });
	}, [business, t("title")]);
	const valid = look.value?.state === "valid";
	useEffect(() => {
		if (!valid) return;
		help.preload();
		// A chat that is there already works without a network, and keeps what is written.
		preloadChat();
	}, [valid]);
	return (
		<>
			<Current />
			<Toasts />
		</>
	);
}

function Current() {
	const values = { agent: look.value?.agent_name ?? "", business: look.value?.business ?? "" };
	const Help = NEEDS_HELP.has(screen.value) ? help.use() : null;
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
		case "link_unknown":
		case "link_expired":
		case "link_cancelled":
		case "link_ended":
			return <Message title={t(screen.value)} text={t(`${screen.value}_more`, values)} trouble />;
		case "in_app":
			return Help === null ? <Starting /> : <Help.InApp />;
		case "lobby":
			return <Lobby />;
		case "no_cookies":
			return Help === null ? <Starting /> : <Help.NoCookies />;
		case "trouble":
			return Help === null ? <Starting /> : <Help.Trouble />;
		case "call":
			return call.value && <CallScreen call={call.value} />;
		case "ended":
			return call.value && <CallEnded call={call.value} />;
		case "moved":
			return <Moved />;
		case "version":
			return (
				<Message title={t("version")} text={t("version_more")}>
					<Button kind="primary" large onClick={() => location.reload()}>
						{t("reload")}
					</Button>
				</Message>
			);
	}
}

function Starting() {
	return <main class="sheet-page">{call.value?.socketBlocked.value ? <Blocked /> : <Loading />}</main>;
}

/** Screens of the part that loads later. */
const NEEDS_HELP: ReadonlySet<Screen> = new Set(["in_app", "no_cookies", "trouble"]);
