import "../../i18n/en-help";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import type { Folded } from "../../session/fold";
import { minutes } from "../../ui/clock";
import type { Arrival, CallDetail } from "../../wire/generated";
import { masked } from "../countries";
import { lobbyLine } from "./lobby-line";
import { date, dateTime, iso, languageName } from "../times";
import { d } from "./words";

/** Who was in the call, when, with what, and how long it is kept. */
export function Facts({ detail, view }: { detail: CallDetail; view: Folded }) {
	const { ended, live_since_ms } = view;
	const outcome = ended === null ? null : t(`ended_${ended.why}`, names(detail));
	return (
		<dl class="facts detail-facts">
			<Fact name={d("began")}>
				<time dateTime={iso(detail.at_ms)}>{dateTime(detail.at_ms)}</time>
			</Fact>
			<Fact name={d("agent")}>
				<span dir="auto">{detail.agent_name}</span>
			</Fact>
			<Fact name={d("customer")}>
				<span dir="auto">{detail.customer_name ?? d("nobody")}</span>
			</Fact>
			{detail.number !== undefined && (
				<Fact name={d("number")}>
					<span dir="ltr">{masked(detail.number)}</span>
				</Fact>
			)}
			{live_since_ms !== null && ended !== null && (
				<Fact name={d("length")}>{minutes(ended.at_ms - live_since_ms)}</Fact>
			)}
			{outcome !== null && <Fact name={d("outcome")}>{outcome}</Fact>}
			{detail.arrival !== undefined && <Came arrival={detail.arrival} keptDays={detail.kept_days} />}
			<Fact name={d("kept")}>{keptWords(detail)}</Fact>
		</dl>
	);
}

function Came({ arrival, keptDays }: { arrival: Arrival; keptDays: CallDetail["kept_days"] }) {
	const { browser, system, language } = arrival;
	const line = useSignal<string | null>(null);
	useEffect(() => {
		void lobbyLine(language, keptDays).then((found) => {
			line.value = found;
		});
	}, [language]);
	return (
		<>
			<Fact name={d("device")}>
				{d("device_of", { browser: d(`browser_${browser}`), system: d(`system_${system}`) })}
			</Fact>
			{line.value !== null && (
				<Fact name={d("lobby")}>
					<span lang={language}>{d("lobby_said", { line: line.value, language: languageName(language) })}</span>
				</Fact>
			)}
		</>
	);
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

function keptWords({ goes_ms, pictures_go_ms, line_goes_ms }: CallDetail): string {
	const [notes, pictures, line] = [date(goes_ms), date(pictures_go_ms), date(line_goes_ms)];
	if (notes === pictures && notes === line) return d("kept_alike", { date: notes });
	return d("kept_until", { notes, pictures, line });
}

function names(detail: CallDetail): { agent: string; customer: string } {
	return { agent: detail.agent_name, customer: detail.customer_name ?? d("customer") };
}
