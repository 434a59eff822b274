import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { preloadChat } from "../ui/chat/load";
import { endWords, lengthWords } from "../ui/ended";
import { Loading } from "../ui/loading";
import { preloadRating, Rated } from "../ui/rated";
import { Afterwards } from "./Afterwards";
import { CallStage } from "./CallStage";
import { go, inviteAgain, reopen } from "./console";
import { Shell } from "./Shell";
import { Waiting } from "./Waiting";
import { w } from "./words";

/** One call: waiting for the customer, the call itself, or its end. */
export function CallView({ call }: { call: Call }) {
	const { ended, live_since_ms, number, reference, seats } = call.view.value;
	const stop = call.stop.value;
	// Loaded while the agent waits: it works without a network, and keeps what is written.
	useEffect(preloadChat, []);
	const runs = live_since_ms !== null;
	useEffect(() => {
		if (runs) preloadRating();
	}, [runs]);
	const ran = useRef(false);
	ran.current ||= call.ready.value && ended === null;
	// Over before this page came to it; or another agent's call, which an admin may look at.
	if (ended === null ? stop?.why === "no_seat" : !ran.current) {
		return (
			<Shell>
				<Afterwards session={call.session} />
			</Shell>
		);
	}
	if (ended !== null) {
		const text = [endWords(call, ended.why), lengthWords(call)].filter((part) => part !== null).join(" ");
		return (
			<Closing title={t("call_ended")} text={text}>
				<Rated call={call} />
				<a class="button quiet large" href={`#detail=${call.session}`}>
					{w("open_call")}
				</a>
				<Button large onClick={() => inviteAgain({ number: number ?? "", reference: reference ?? "" })}>
					{w("invite_again")}
				</Button>
				<Button kind="primary" large onClick={() => go("")}>
					{w("back_to_start")}
				</Button>
			</Closing>
		);
	}
	if (stop?.why === "moved") {
		return (
			<Closing title={t("moved")} text={w("moved_more")}>
				<Button large onClick={() => reopen(call.session)}>
					{w("moved_back")}
				</Button>
			</Closing>
		);
	}
	if (stop?.why === "version") {
		return (
			<Closing title={t("version")} text={t("version_more")}>
				<Button kind="primary" large onClick={() => location.reload()}>
					{t("reload")}
				</Button>
			</Closing>
		);
	}
	if (live_since_ms !== null || seats.customer.joined) return <CallStage call={call} />;
	return call.ready.value ? (
		<Shell>
			<Waiting call={call} />
		</Shell>
	) : (
		<Opening call={call} />
	);
}

function Opening({ call }: { call?: Call }) {
	return (
		<Shell>
			<div class="page">{call?.socketBlocked.value ? <p role="alert">{t("socket_blocked")}</p> : <Loading />}</div>
		</Shell>
	);
}

function Closing({ title, text, children }: { title: string; text: string; children: ComponentChildren }) {
	return (
		<Shell>
			<div class="page">
				<div class="card stack">
					<h1>{title}</h1>
					<p>{text}</p>
					{children}
				</div>
			</div>
		</Shell>
	);
}
