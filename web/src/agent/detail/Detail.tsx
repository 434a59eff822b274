import "./detail.css";
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { Button } from "../../ui/buttons";
import { failureWords } from "../../ui/refusals";
import type { SessionId } from "../../wire/generated";
import { me, signedOut } from "../console";
import { Actions } from "./Actions";
import { type Case, loadCase } from "./case-api";
import { ChatLog } from "./ChatLog";
import { Facts } from "./Facts";
import { Location } from "./Location";
import { Notes } from "./Notes";
import { Pictures } from "./Pictures";
import { Quality } from "./Quality";
import { Ratings } from "./Ratings";
import { Timeline } from "./Timeline";
import { d } from "./words";

type Loaded = { is: Case } | { failed: string; gone: boolean } | null;

/** Everything that a call left behind. */
export function Detail({ session }: { session: SessionId }) {
	const loaded = useSignal<Loaded>(null);
	const load = (): void => void into(loaded, session);
	useEffect(load, [session]);
	const now = loaded.value;
	if (now === null) return <Skeleton />;
	if ("failed" in now) return <Failed {...now} onRetry={load} />;
	return <Whole session={session} found={now.is} />;
}

async function into(loaded: Signal<Loaded>, session: SessionId): Promise<void> {
	loaded.value = null;
	const answer = await loadCase(session);
	if (answer.ok) {
		loaded.value = { is: answer.value };
		return;
	}
	if (signedOut(answer.error)) return;
	const gone = answer.error.error === "not_found";
	loaded.value = { failed: failureWords(answer.error), gone };
}

function Whole({ session, found }: { session: SessionId; found: Case }) {
	const { detail, view, events } = found;
	const heading = useRef<HTMLHeadingElement>(null);
	// What led here is gone; without this a keyboard would begin at the top again.
	useLayoutEffect(() => {
		if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
	}, []);
	return (
		<article class="page detail">
			<p class="print-business">{me.value?.business}</p>
			<header class="detail-head">
				<h1 dir="auto" ref={heading} tabIndex={-1}>
					{d("call", { reference: detail.reference })}
				</h1>
				<Actions session={session} detail={detail} />
			</header>
			{detail.ended === undefined && (
				<p class="banner">
					{d("running")} <a href={`#call=${session}`}>{d("open_running")}</a>
				</p>
			)}
			<Facts detail={detail} view={view} />
			<div class="detail-columns">
				<div>
					<Pictures session={session} events={events} detail={detail} />
					<Notes session={session} notes={detail.notes} />
					<Ratings session={session} detail={detail} />
				</div>
				<div>
					<Location events={events} />
					<Timeline events={events} />
					<ChatLog found={found} />
					<Quality quality={detail.quality} />
				</div>
			</div>
		</article>
	);
}

function Failed({ failed, gone, onRetry }: { failed: string; gone: boolean; onRetry: () => void }) {
	return (
		<div class="page">
			<div class="card stack" role="alert">
				<h1>{gone ? d("gone") : failed}</h1>
				{gone && <p>{d("gone_more")}</p>}
				{!gone && <Button onClick={onRetry}>{t("try_again")}</Button>}
				<a class="button quiet" href="#calls">
					{d("all_calls")}
				</a>
			</div>
		</div>
	);
}

/** Where the parts will stand, so that nothing jumps when they come. */
function Skeleton() {
	return (
		<div class="page detail" role="status" aria-label={t("loading")}>
			<div class="bone title" />
			<div class="bone facts-bone" />
			<div class="detail-columns">
				<div class="bone tall" />
				<div class="bone tall" />
			</div>
		</div>
	);
}
