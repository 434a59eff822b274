import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { failureWords } from "../ui/refusals";
import type { Call } from "../wire/generated";
import * as api from "./calls-api";
import { go, prefill, signedOut } from "./console";
import { masked } from "./countries";
import { w } from "./words";

type CallList = { calls: readonly Call[] } | { failed: string } | null;

/** The agent's latest calls. */
export function Calls() {
	const loaded = useSignal<CallList>(null);
	const load = async (): Promise<void> => {
		const answer = await api.calls();
		if (!answer.ok && signedOut(answer.error)) return;
		loaded.value = answer.ok ? { calls: answer.value.calls } : { failed: failureWords(answer.error) };
	};
	useEffect(() => void load(), []);
	return (
		<div class="page wide">
			<h1>{w("calls")}</h1>
			<p class="hint">{w("calls_more")}</p>
			<List loaded={loaded.value} onRetry={() => void load()} />
		</div>
	);
}

function List({ loaded, onRetry }: { loaded: CallList; onRetry: () => void }) {
	if (loaded === null) return <p role="status">{t("loading")}</p>;
	if ("failed" in loaded) {
		return (
			<div class="card stack" role="alert">
				<p>{loaded.failed}</p>
				<Button onClick={onRetry}>{t("try_again")}</Button>
			</div>
		);
	}
	if (loaded.calls.length === 0) return <p class="card">{w("calls_none")}</p>;
	return (
		<ul class="calls">
			{loaded.calls.map((call) => (
				<Row key={call.session} call={call} />
			))}
		</ul>
	);
}

function Row({ call }: { call: Call }) {
	return (
		<li class="card">
			<div class="what">
				<strong>{call.reference}</strong>
				{call.number !== "" && <span>{masked(call.number)}</span>}
			</div>
			<time dateTime={new Date(call.at_ms).toISOString()}>
				{new Date(call.at_ms).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}
			</time>
			<span class={`phase ${call.phase}`}>{w(`phase_${call.phase}`)}</span>
			{call.phase === "ended" ? (
				<Button
					description={call.reference}
					onClick={() => {
						prefill.value = { number: call.number, reference: call.reference };
						go("");
					}}
				>
					{w("invite_again")}
				</Button>
			) : (
				<a class="button primary" href={`#call=${call.session}`} aria-description={call.reference}>
					{w("open")}
				</a>
			)}
		</li>
	);
}
