import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { forgetTab } from "../ui/forget";
import { CallEnded, Moved } from "./Closing";
import { Code } from "./Code";
import { InApp } from "./InApp";
import { Message } from "./Message";
import { NoCookies } from "./NoCookies";
import { type Around, call, look } from "./page";
import { Trouble } from "./Trouble";

/** Why there is no call: a trouble before it, a link that leads to none, or its end. */
export function AroundTheCall({ at }: { at: Around }) {
	useEffect(() => {
		if (!GOES_ON.has(at)) forgetTab();
	}, [at]);
	switch (at) {
		case "code":
			return <Code />;
		case "link_unknown":
			return (
				<Message title={t(at)} text={t("link_unknown_more")} trouble>
					{/* A link that an app cut off: the code is another way in. */}
					<Button kind="plain" onClick={() => location.assign("/j")}>
						{t("code_title")}
					</Button>
				</Message>
			);
		case "link_expired":
		case "link_cancelled":
		case "link_ended":
			return <Message title={t(at)} text={t(`${at}_more`)} trouble />;
		case "renewed": {
			const agent = look.value?.agent_name ?? "";
			return <Message title={t("link_renewed")} text={t("link_renewed_more", { agent })} trouble />;
		}
		case "in_app":
			return <InApp />;
		case "no_cookies":
			return <NoCookies />;
		case "trouble":
			return <Trouble />;
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

/** After these the same page, or the next load of it, may lead into the call. */
const GOES_ON: ReadonlySet<Around> = new Set(["in_app", "no_cookies", "trouble", "version"]);
