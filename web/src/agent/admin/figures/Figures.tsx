import "./figures.css";
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { days } from "../../../i18n";
import { Loading } from "../../../ui/loading";
import type { ApiFailure } from "../../../ui/refusals";
import { FIGURE_DAYS_MAX, type Figures as Found } from "../../../wire/generated";
import { signedOut } from "../../console";
import { d } from "../../detail/words";
import { NotLoaded } from "../../NotLoaded";
import { Turns } from "../../turns";
import { w } from "../../words";
import { a } from "../words";
import { numberBars, secondBars } from "./bins";
import { type Bar, Bars } from "./Chart";
import { Days } from "./Days";
import { Export } from "./Export";
import * as api from "./figures-api";
import { Kept } from "./Kept";
import { canAsk, type Period } from "./period";

/** What the calls of a period were. */
export function Figures() {
	const found = useSignal<Found | null>(null);
	const failed = useSignal<ApiFailure | null>(null);
	const asked = useSignal<Period | null>(null);
	const turns = useMemo(() => new Turns(), []);
	const load = async (): Promise<void> => {
		const isNewest = turns.begin();
		const period = asked.peek();
		if (period !== null && !canAsk(period)) return;
		failed.value = null;
		const answer = await api.figures(period);
		if (!isNewest()) return;
		if (answer.ok) found.value = answer.value;
		else if (!signedOut(answer.error)) failed.value = answer.error;
	};
	useEffect(() => void load(), []);
	const shown = found.value;
	const period = asked.value ?? shown;
	return (
		<>
			<h1>{a("figures")}</h1>
			{shown !== null && <p class="keys-more">{a("figures_more", { n: shown.counted_after_min })}</p>}
			{period !== null && (
				<Choice
					period={period}
					lines_kept={shown?.kept.lines}
					onChange={(chosen) => {
						asked.value = chosen;
						void load();
					}}
				/>
			)}
			{failed.value !== null && <NotLoaded error={failed.value} onAgain={() => void load()} />}
			{shown === null && failed.value === null && <Loading />}
			{shown !== null &&
				(shown.funnel.invited === 0 ? <p class="hint">{a("figures_empty")}</p> : <Charts of={shown} />)}
			{shown !== null && <Kept of={shown.kept} />}
		</>
	);
}

interface ChoiceProps {
	period: Period;
	/** Days for which a call's line is kept, once known. */
	lines_kept: number | undefined;
	onChange: (period: Period) => void;
}

function Choice({ period: { from, to }, lines_kept, onChange }: ChoiceProps) {
	const ok = canAsk({ from, to });
	const more = lines_kept === undefined ? "" : a("export_more", { days: days(lines_kept) });
	return (
		<div class="period">
			<Day name="figures_from" day={from} onChange={(day) => onChange({ from: day, to })} />
			<Day name="figures_to" day={to} onChange={(day) => onChange({ from, to: day })} />
			{ok ? <Export key={`${from} ${to}`} period={{ from, to }} /> : null}
			<p class="hint" role="status">
				{ok ? more : a("figures_wrong", { n: FIGURE_DAYS_MAX })}
			</p>
		</div>
	);
}

interface DayProps {
	name: "figures_from" | "figures_to";
	day: string;
	onChange: (day: string) => void;
}

function Day({ name, day, onChange }: DayProps) {
	return (
		<div class="field">
			<label for={name}>{a(name)}</label>
			<input
				id={name}
				type="date"
				min="1970-01-01"
				max="9999-12-31"
				value={day}
				onChange={(event) => onChange(event.currentTarget.value)}
			/>
		</div>
	);
}

const STEPS = ["invited", "opened", "allowed", "joined"] as const;

function Charts({ of: found }: { of: Found }) {
	const { funnel, not_joined, ended, browsers, systems } = found;
	const steps = STEPS.map((step): Bar => ({ name: a(`funnel_${step}`), calls: funnel[step] }));
	return (
		<div class="charts">
			<Bars title={a("chart_funnel")} more={a("chart_funnel_more")} bars={steps} of={funnel.invited} />
			<Days of={found} />
			{not_joined.length > 0 && (
				<Bars
					title={a("chart_not_joined")}
					bars={not_joined.map(({ why, calls }) => ({ name: a(`not_joined_${why}`), calls }))}
				/>
			)}
			{funnel.joined > 0 && (
				<>
					<Bars title={a("chart_ended")} bars={ended.map(({ why, calls }) => ({ name: w(`ended_${why}`), calls }))} />
					<Bars title={a("chart_joining")} bars={secondBars(found.joining_s)} />
					<Bars title={a("chart_length")} bars={secondBars(found.length_s)} />
					<Bars title={a("chart_pictures")} bars={numberBars(found.pictures)} />
					<Bars title={a("chart_customer_stars")} bars={starBars(found.customer_stars)} />
					<Bars title={a("chart_agent_stars")} bars={starBars(found.agent_stars)} />
					<Bars
						title={a("chart_browsers")}
						bars={browsers.map(({ browser, calls }) => ({ name: d(`browser_${browser}`), calls }))}
					/>
					<Bars
						title={a("chart_systems")}
						bars={systems.map(({ system, calls }) => ({ name: d(`system_${system}`), calls }))}
					/>
				</>
			)}
		</div>
	);
}

/** The best first. */
function starBars(stars: Found["agent_stars"]): Bar[] {
	return stars.map((calls, at): Bar => ({ name: w("stars", { n: at + 1 }), calls })).reverse();
}
